import { type Detect, type Detected, NotHere, orElse } from '../detector.ts'
import { askFor, type World } from '../world.ts'
import { instanceOf, openImds, tagsOf } from './ec2.ts'
import { versionOf } from './kubernetes.ts'

export const EKS_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': false,
  'cloud.account.id': false,
  'cloud.availability_zone': false,
  'host.id': false,
  'host.image.id': false,
  'host.name': false,
  'host.type': false,
  'k8s.cluster.name': false,
} as const

const CLUSTER_TAG = 'eks:cluster-name'
const CLUSTER_PREFIX = 'kubernetes.io/cluster/'

/** A node of Amazon's Kubernetes: by its tokens, or by what the API server calls its version. */
export const eks: Detect = async ({ world, signal, wants }) => {
  if (!(await isEks(world, signal)))
    throw new NotHere('eks metadata unavailable: not running on EKS')
  const imds = await orElse(openImds(world, signal), undefined)
  const instance: Detected = imds === undefined ? {} : await orElse<Detected>(instanceOf(imds), {})
  const tags = imds && wants('k8s.cluster.name') ? await orElse(tagsOf(imds), new Map()) : new Map()
  const owned = [...tags.keys()].find((key: string) => key.startsWith(CLUSTER_PREFIX))
  return {
    ...instance,
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_eks',
    'k8s.cluster.name': tags.get(CLUSTER_TAG) ?? owned?.slice(CLUSTER_PREFIX.length),
  }
}

async function isEks(world: World, signal: AbortSignal): Promise<boolean> {
  const { env } = world
  if (!env['KUBERNETES_SERVICE_HOST']) return false
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE']?.includes('/eks.amazonaws.com/')) return true
  if (env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']?.includes('/pods.eks.amazonaws.com/'))
    return true
  return (await orElse(versionOf(world, signal), '')).includes('-eks-')
}

export const LAMBDA_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': true,
  'faas.name': true,
  'faas.version': true,
  'faas.instance': true,
  'faas.max_memory': true,
  'aws.log.group.names': true,
  'aws.log.stream.names': true,
} as const

/** Source: AWS Lambda, "Defined runtime environment variables" */
export const lambda: Detect = ({ world: { env } }) => {
  const name = env['AWS_LAMBDA_FUNCTION_NAME'] ?? ''
  if (name === '')
    return Promise.reject(
      new NotHere('lambda metadata unavailable: AWS_LAMBDA_FUNCTION_NAME env var not set'),
    )
  const list = (value: string | undefined) => (value === undefined ? undefined : [value])
  return Promise.resolve({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': env['AWS_REGION'],
    'faas.name': name,
    'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
    'faas.max_memory': env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    'aws.log.group.names': list(env['AWS_LAMBDA_LOG_GROUP_NAME']),
    'aws.log.stream.names': list(env['AWS_LAMBDA_LOG_STREAM_NAME']),
  })
}

export const ECS_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': true,
  'cloud.account.id': true,
  'cloud.availability_zone': true,
  'aws.ecs.cluster.arn': true,
  'aws.ecs.launchtype': true,
  'aws.ecs.task.arn': true,
  'aws.ecs.task.family': true,
  'aws.ecs.task.id': true,
  'aws.ecs.task.revision': true,
  'aws.log.group.names': true,
  'aws.log.group.arns': true,
  'aws.log.stream.names': true,
  'aws.log.stream.arns': true,
} as const

interface EcsContainer {
  readonly DockerId?: string
  readonly LogDriver?: string
  readonly LogOptions?: Readonly<Record<string, string>>
}

interface EcsTask {
  readonly TaskARN?: string
  readonly Cluster?: string
  readonly Family?: string
  readonly Revision?: string
  readonly AvailabilityZone?: string
  readonly LaunchType?: string
}

/** Source: Amazon ECS, "Task metadata endpoint version 4" */
export const ecs: Detect = async ({ world: { env }, signal }) => {
  const base = env['ECS_CONTAINER_METADATA_URI_V4'] || env['ECS_CONTAINER_METADATA_URI'] || ''
  if (base === '') throw new NotHere('ecs metadata unavailable: no task metadata endpoint detected')
  const get = async (path: string): Promise<unknown> =>
    JSON.parse(await askFor(`${base}${path}`, { signal }))
  const task = (await get('/task')) as EcsTask
  const own = (await orElse(get(''), {})) as EcsContainer
  const [, , , region = '', account = '', resource = ''] = (task.TaskARN ?? '').split(':')
  const cluster = task.Cluster ?? ''
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'cloud.region': region,
    'cloud.account.id': account,
    'cloud.availability_zone': task.AvailabilityZone,
    'aws.ecs.task.arn': task.TaskARN,
    'aws.ecs.task.id': resource.split('/').at(-1),
    'aws.ecs.task.family': task.Family,
    'aws.ecs.task.revision': task.Revision,
    'aws.ecs.cluster.arn': cluster.startsWith('arn:')
      ? cluster
      : `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    'aws.ecs.launchtype': task.LaunchType?.toLowerCase(),
    ...logsOf(own, account),
  }
}

function logsOf({ LogDriver, LogOptions = {} }: EcsContainer, account: string): Detected {
  if (LogDriver !== 'awslogs') return {}
  const group = LogOptions['awslogs-group'] ?? ''
  const stream = LogOptions['awslogs-stream'] ?? ''
  const arn = `arn:aws:logs:${LogOptions['awslogs-region'] ?? ''}:${account}:log-group:${group}`
  return {
    'aws.log.group.names': [group],
    'aws.log.group.arns': [`${arn}:*`],
    'aws.log.stream.names': [stream],
    'aws.log.stream.arns': [`${arn}:log-stream:${stream}`],
  }
}
