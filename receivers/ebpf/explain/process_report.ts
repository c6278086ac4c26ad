import { readlinkSync } from 'node:fs'
import { listenersAround, portsHeld } from '../discovery/listeners.ts'
import type { KnownProcess } from '../discovery/process.ts'
import type { Service } from '../services.ts'
import type { ProcessReport, TrafficReport } from './report.ts'
import { type LiveTls, tlsOf } from './tls.ts'

const NAMESPACES = ['mnt', 'net', 'pid']

/** All that is known of one process. Reads some files of /proc. */
export function processReport(
  { process, decision, pod }: KnownProcess,
  service: Service,
  live: LiveTls | undefined,
  traffic: TrafficReport | undefined,
): ProcessReport {
  const { executable, runtime, container } = service.description
  const { tgid, cgroup } = process
  return {
    pid: tgid,
    parent: process.parent,
    executable: process.exePath,
    buildId: executable.buildId,
    arguments: process.args,
    selected: decision.selected,
    awaitsPod: decision.awaitsPod === true,
    rule: decision.rule,
    service: service.identity,
    runtime,
    ports: [...portsHeld(tgid, listenersAround(tgid))].sort((a, b) => a - b),
    container: {
      id: cgroup.containerId,
      name: container.name,
      pod: container.podName,
      podUid: cgroup.podUid,
      namespace: container.namespace,
    },
    pod,
    cgroup: cgroup.path,
    namespaces: Object.fromEntries(NAMESPACES.map((name) => [name, namespaceOf(tgid, name)])),
    tls: tlsOf(process, executable, runtime, live),
    traffic,
  }
}

function namespaceOf(tgid: number, name: string): number {
  try {
    return Number(/\d+/.exec(readlinkSync(`/proc/${tgid}/ns/${name}`))?.[0] ?? 0)
  } catch {
    return 0
  }
}
