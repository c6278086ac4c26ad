import { readText } from './proc_text.ts'

/** What the control group of a process says of it. Everything is '' when it says nothing of the kind. */
export interface Cgroup {
  /** Below the mount of the hierarchy, `/` for the root. */
  readonly path: string
  /** 64 hexadecimal digits, or ECS's task and number. */
  readonly containerId: string
  readonly podUid: string
  /** Of systemd, its ending left out: `nginx`, `worker@3`. */
  readonly unit: string
}

export const NO_CGROUP: Cgroup = { path: '', containerId: '', podUid: '', unit: '' }

/** Reads the control group of a process, undefined when it has ended. */
export function readCgroup(tgid: number, proc = '/proc'): Cgroup | undefined {
  const text = readText(`${proc}/${tgid}/cgroup`)
  return text === undefined ? undefined : parseCgroup(text)
}

/**
 * `/proc/PID/cgroup`: one line for each hierarchy, `id:controllers:path`. Version 2 has one, `0::path`; with version 1 the line
 * that names a container counts, else the one that systemd keeps.
 * Source: https://man7.org/linux/man-pages/man7/cgroups.7.html
 */
export function parseCgroup(text: string): Cgroup {
  const lines = text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return path === undefined ? [] : [{ controllers, path }]
  })
  const chosen =
    lines.find(({ path }) => containerIdOf(path) !== '') ??
    lines.find(({ controllers, path }) => controllers === '' && path !== '/') ??
    lines.find(({ controllers }) => controllers === 'name=systemd') ??
    lines[0]
  const path = chosen?.path ?? ''
  const containerId = containerIdOf(path)
  return { path, containerId, podUid: podUidOf(path), unit: unitOf(path) }
}

/** `docker-ID.scope`, `cri-containerd-ID.scope`, `/docker/ID`, `/kubepods/burstable/podUID/ID`, `/ecs/TASK/TASK-NUMBER`. */
const CONTAINER = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?(?=\/|$)/g
const ECS = /\/([0-9a-f]{32}-\d+)(?=\/|$)/
/** What supervises a container is beside it, in a scope that bears its id, too. */
const CONMON = /(?:^|\/)(?:libpod|crio)-conmon-[^/]*$/

function containerIdOf(path: string): string {
  if (CONMON.test(path)) return ''
  const ids = [...path.matchAll(CONTAINER)]
  return ids.at(-1)?.[1] ?? ECS.exec(path)?.[1] ?? ''
}

/** systemd writes the dashes of a uid as underscores. */
const podUidOf = (path: string): string =>
  (
    /[/-]pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(?:\.slice)?\//.exec(
      path,
    )?.[1] ?? ''
  ).replaceAll('_', '-')

/** The innermost unit, unless that is a user's session manager, which says nothing of what it runs. */
function unitOf(path: string): string {
  const units = path.split('/').filter((part) => part.endsWith('.service'))
  const unit = unescapeUnit((units.at(-1) ?? '').slice(0, -'.service'.length))
  return /^user@\d+$/.test(unit) ? '' : unit
}

/** Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#String%20Escaping */
const unescapeUnit = (name: string): string =>
  name.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
