import { type Detect, type Detected, NotHere, orElse } from '../detector.ts'
import { ask, askFor, type World } from '../world.ts'

export const GCP_ATTRIBUTES = {
  'cloud.provider': true,
  'cloud.platform': true,
  'cloud.region': true,
  'cloud.account.id': true,
  'cloud.availability_zone': true,
  'faas.instance': true,
  'faas.name': true,
  'faas.version': true,
  'gcp.cloud_run.job.execution': true,
  'gcp.cloud_run.job.task_index': true,
  'gcp.gce.instance.hostname': false,
  'gcp.gce.instance.name': false,
  'gcp.gce.instance_group_manager.name': true,
  'gcp.gce.instance_group_manager.region': true,
  'gcp.gce.instance_group_manager.zone': true,
  'host.id': true,
  'host.name': true,
  'host.type': true,
  'k8s.cluster.name': true,
} as const

type Metadata = (path: string) => Promise<string>

const FLAVOR = { 'metadata-flavor': 'Google' }

/** Rejects with `NotHere`. Source: Compute Engine, "About VM metadata" */
async function openMetadata(world: World, signal: AbortSignal): Promise<Metadata> {
  const host = world.env['GCE_METADATA_HOST']
  const base = host === undefined ? world.metadata : `http://${host}`
  const probe = await ask(base, { headers: FLAVOR, signal, timeoutMs: world.probeMs }).catch(
    (cause) => {
      throw new NotHere(`gcp metadata unavailable: ${cause.message}`, { cause })
    },
  )
  if (probe.headers['metadata-flavor'] !== 'Google') {
    throw new NotHere("gcp metadata unavailable: the service at that address is not Google's")
  }
  return async (path) =>
    (await askFor(`${base}/computeMetadata/v1/${path}`, { headers: FLAVOR, signal })).trim()
}

const last = (path: string): string => path.split('/').at(-1) ?? ''

export const gcp: Detect = async ({ world, signal }) => {
  const metadata = await openMetadata(world, signal)
  const get: Metadata = (path) => orElse(metadata(path), '')
  return {
    'cloud.provider': 'gcp',
    'cloud.account.id': await get('project/project-id'),
    ...(await platform(world.env, get)),
  }
}

function platform(env: World['env'], get: Metadata): Promise<Detected> {
  if (env['KUBERNETES_SERVICE_HOST']) return gke(get)
  if (env['FUNCTION_TARGET']) return cloudRun(env, get, 'gcp_cloud_functions')
  if (env['K_CONFIGURATION'] || env['CLOUD_RUN_JOB']) return cloudRun(env, get, 'gcp_cloud_run')
  if (env['GAE_SERVICE']) return appEngine(env, get)
  return computeEngine(get)
}

/** A zone is a region with one part more. */
function place(location: string): Detected {
  const isZone = location.split('-').length > 2
  return {
    'cloud.region': isZone ? location.replace(/-[^-]*$/, '') : location,
    'cloud.availability_zone': isZone ? location : undefined,
  }
}

async function gke(get: Metadata): Promise<Detected> {
  const location = await get('instance/attributes/cluster-location')
  const isZone = location.split('-').length > 2
  return {
    'cloud.platform': 'gcp_kubernetes_engine',
    ...(isZone ? { 'cloud.availability_zone': location } : { 'cloud.region': location }),
    'k8s.cluster.name': await get('instance/attributes/cluster-name'),
    'host.id': await get('instance/id'),
    'host.name': await get('instance/name'),
  }
}

async function cloudRun(env: World['env'], get: Metadata, kind: string): Promise<Detected> {
  const job = env['CLOUD_RUN_JOB']
  return {
    'cloud.platform': kind,
    'cloud.region': last(await get('instance/region')),
    'faas.name': job ?? env['K_SERVICE'],
    'faas.version': job === undefined ? env['K_REVISION'] : undefined,
    'faas.instance': await get('instance/id'),
    'gcp.cloud_run.job.execution': env['CLOUD_RUN_EXECUTION'],
    'gcp.cloud_run.job.task_index': env['CLOUD_RUN_TASK_INDEX'],
  }
}

async function appEngine(env: World['env'], get: Metadata): Promise<Detected> {
  return {
    'cloud.platform': 'gcp_app_engine',
    ...place(last(await get('instance/zone'))),
    'faas.name': env['GAE_SERVICE'],
    'faas.version': env['GAE_VERSION'],
    'faas.instance': env['GAE_INSTANCE'],
  }
}

async function computeEngine(get: Metadata): Promise<Detected> {
  const name = await get('instance/name')
  const manager =
    /^projects\/[^/]+\/(zones|regions)\/([^/]+)\/instanceGroupManagers\/([^/]+)$/.exec(
      await get('instance/attributes/created-by'),
    )
  const [, kind, where, group] = manager ?? []
  return {
    'cloud.platform': 'gcp_compute_engine',
    ...place(last(await get('instance/zone'))),
    'host.type': last(await get('instance/machine-type')),
    'host.id': await get('instance/id'),
    'host.name': name,
    'gcp.gce.instance.name': name,
    'gcp.gce.instance.hostname': await get('instance/hostname'),
    'gcp.gce.instance_group_manager.name': group,
    'gcp.gce.instance_group_manager.zone': kind === 'zones' ? where : undefined,
    'gcp.gce.instance_group_manager.region': kind === 'regions' ? where : undefined,
  }
}
