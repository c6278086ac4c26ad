import { compileExpression } from '../../../pipeline/regexp.ts'
import { type Detect, NotHere, orElse } from '../detector.ts'
import { ask, askFor, type World } from '../world.ts'

export const EC2_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': true,
  'cloud.account.id': true,
  'cloud.availability_zone': true,
  'host.id': true,
  'host.image.id': true,
  'host.name': true,
  'host.type': true,
} as const

const TOKEN_SECONDS = '300'

/** Reads paths below /latest. Source: AWS, "Use the Instance Metadata Service", version 2 */
export type Imds = (path: string) => Promise<string>

/** Rejects with `NotHere` if there is no metadata service. */
export async function openImds(world: World, signal: AbortSignal): Promise<Imds> {
  const base = world.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? world.metadata
  if (world.env['AWS_EC2_METADATA_DISABLED'] === 'true')
    throw new NotHere('EC2 metadata is disabled')
  const url = (path: string) => new URL(`/latest/${path}`, base).href
  const notHere = (cause: Error): never => {
    throw new NotHere(`EC2 metadata unavailable: ${cause.message}`, { cause })
  }
  const { status, body: token } = await ask(url('api/token'), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS },
    signal,
    timeoutMs: world.probeMs,
  }).catch(notHere)
  const headers = status === 200 ? { 'x-aws-ec2-metadata-token': token } : {}
  const get: Imds = (path) => askFor(url(path), { headers, signal })
  await get('meta-data/instance-id').catch(notHere)
  return get
}

interface Identity {
  readonly region?: string
  readonly accountId?: string
  readonly availabilityZone?: string
  readonly instanceId?: string
  readonly imageId?: string
  readonly instanceType?: string
}

/** What the instance is, for EC2 and EKS alike. */
export async function instanceOf(imds: Imds) {
  const identity = JSON.parse(await imds('dynamic/instance-identity/document')) as Identity
  return {
    'cloud.provider': 'aws',
    'cloud.region': identity.region,
    'cloud.account.id': identity.accountId,
    'cloud.availability_zone': identity.availabilityZone,
    'host.id': identity.instanceId,
    'host.image.id': identity.imageId,
    'host.type': identity.instanceType,
    'host.name': await imds('meta-data/hostname'),
  }
}

/** Tags of the instance, if its metadata may show them. */
export async function tagsOf(imds: Imds): Promise<ReadonlyMap<string, string>> {
  const keys = (await imds('meta-data/tags/instance')).split('\n').filter((key) => key !== '')
  const path = (key: string) =>
    `meta-data/tags/instance/${key.split('/').map(encodeURIComponent).join('/')}`
  return new Map(await Promise.all(keys.map(async (key) => [key, await imds(path(key))] as const)))
}

export const ec2: Detect<{ readonly tags: readonly string[] }> = async ({
  world,
  options,
  signal,
}) => {
  const imds = await openImds(world, signal)
  const wanted = options.tags.map((pattern) => compileExpression(pattern))
  const tags =
    wanted.length === 0 ? new Map<string, string>() : await orElse(tagsOf(imds), new Map())
  const picked = [...tags].filter(([key]) => wanted.some((one) => one.test(key)))
  return {
    ...(await instanceOf(imds)),
    'cloud.platform': 'aws_ec2',
    ...Object.fromEntries(picked.map(([key, value]) => [`ec2.tag.${key}`, value])),
  }
}
