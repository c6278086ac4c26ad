import { compileExpression } from '../../../pipeline/regexp.ts'
import { type Detect, NotHere } from '../detector.ts'
import { askFor, type World } from '../world.ts'

export const AZURE_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': true,
  'cloud.account.id': true,
  'cloud.availability_zone': false,
  'host.id': true,
  'host.name': true,
  'azure.resourcegroup.name': true,
  'azure.vm.name': true,
  'azure.vm.size': true,
  'azure.vm.scaleset.name': true,
} as const

interface Compute {
  readonly location?: string
  readonly name?: string
  readonly vmId?: string
  readonly vmSize?: string
  readonly subscriptionId?: string
  readonly resourceGroupName?: string
  readonly vmScaleSetName?: string
  readonly zone?: string
  readonly osProfile?: { readonly computerName?: string }
  readonly tagsList?: readonly { readonly name?: string; readonly value?: string }[]
}

/** Source: Azure Instance Metadata Service, instance/compute, 2020-09-01 */
async function computeOf(world: World, signal: AbortSignal): Promise<Compute> {
  const url = new URL(
    '/metadata/instance/compute?api-version=2020-09-01&format=json',
    world.metadata,
  )
  const asked = { headers: { Metadata: 'True' }, signal, timeoutMs: world.probeMs }
  try {
    return JSON.parse(await askFor(url.href, asked)) as Compute
  } catch (cause) {
    throw new NotHere(`azure metadata unavailable: ${(cause as Error).message}`, { cause })
  }
}

export const azure: Detect<{ readonly tags: readonly string[] }> = async ({
  world,
  options,
  signal,
}) => {
  const compute = await computeOf(world, signal)
  const wanted = options.tags.map((pattern) => compileExpression(pattern))
  const tags = (compute.tagsList ?? []).filter(({ name = '' }) =>
    wanted.some((one) => one.test(name)),
  )
  return {
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.vm',
    'cloud.region': compute.location,
    'cloud.account.id': compute.subscriptionId,
    'cloud.availability_zone': compute.zone,
    'host.id': compute.vmId,
    'host.name': compute.osProfile?.computerName || compute.name,
    'azure.resourcegroup.name': compute.resourceGroupName,
    'azure.vm.name': compute.name,
    'azure.vm.size': compute.vmSize,
    'azure.vm.scaleset.name': compute.vmScaleSetName,
    ...Object.fromEntries(tags.map(({ name, value }) => [`azure.tag.${name}`, value])),
  }
}

export const AKS_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'k8s.cluster.name': false,
} as const

export const aks: Detect = async ({ world, signal }) => {
  if (!world.env['KUBERNETES_SERVICE_HOST'])
    throw new NotHere('aks metadata unavailable: not in a cluster')
  const { resourceGroupName = '' } = await computeOf(world, signal)
  return {
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.aks',
    'k8s.cluster.name': clusterOf(resourceGroupName),
  }
}

/** `MC_<group>_<cluster>_<region>` if none of the three has an underscore; else the whole tells it best. */
function clusterOf(resourceGroup: string): string {
  const parts = resourceGroup.split('_')
  const isPlain = parts.length === 4 && parts[0]?.toUpperCase() === 'MC'
  return isPlain ? (parts[2] ?? '') : resourceGroup
}
