import { type Detect, NotHere, orElse } from '../detector.ts'
import { askFor } from '../world.ts'

export const DOCKER_ATTRIBUTES = {
  'host.name': true,
  'os.type': true,
  'container.name': false,
  'container.image.name': false,
} as const

/** The machine as its Docker says it. Source: https://docs.docker.com/reference/api/engine/ */
export const docker: Detect = async ({ world, signal, wants }) => {
  const socketPath = (world.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace(
    /^unix:\/\//,
    '',
  )
  const get = async (path: string): Promise<unknown> =>
    JSON.parse(
      await askFor(`http://docker${path}`, { socketPath, signal, timeoutMs: world.probeMs }),
    )
  const info = (await get('/info').catch((cause) => {
    throw new NotHere(`failed getting Docker info: ${cause.message}`, { cause })
  })) as { readonly Name?: string; readonly OSType?: string }
  const needsOwn = wants('container.name') || wants('container.image.name')
  const own = needsOwn ? await orElse(get(`/containers/${world.hostname()}/json`), {}) : {}
  const { Name = '', Config } = own as { Name?: string; Config?: { Image?: string } }
  return {
    'host.name': info.Name,
    'os.type': info.OSType,
    'container.name': Name.replace(/^\//, ''),
    'container.image.name': Config?.Image,
  }
}
