import { readdirSync, readlinkSync } from 'node:fs'
import type { BpfMap } from '../../../native/bpf_map.ts'
import { readText } from './proc_text.ts'

/** A TCP socket that listens. */
export interface Listener {
  readonly port: number
  /** Of the socket, as /proc/PID/fd names it: `socket:[inode]`. */
  readonly inode: string
}

const LISTEN = '0A'

/** Rows of /proc/net/tcp or tcp6 that listen. Source: kernel Documentation/networking/proc_net_tcp.rst */
export function parseListeners(table: string): Listener[] {
  const found: Listener[] = []
  for (const row of table.split('\n').slice(1)) {
    const fields = row.trim().split(/\s+/)
    const [, local, , state] = fields
    const inode = fields[9]
    if (state !== LISTEN || local === undefined || inode === undefined) continue
    found.push({ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode })
  }
  return found
}

/** What listens in the network namespace of a process, IPv4 and IPv6. */
export const listenersAround = (tgid: number, proc = '/proc'): Listener[] =>
  ['tcp', 'tcp6'].flatMap((table) => parseListeners(readText(`${proc}/${tgid}/net/${table}`) ?? ''))

/** Inode number of the network namespace of a process, 0 when it has ended. */
export function netnsOf(tgid: number, proc = '/proc'): number {
  try {
    return Number(/\d+/.exec(readlinkSync(`${proc}/${tgid}/ns/net`))?.[0] ?? 0)
  } catch {
    return 0
  }
}

/** Ports, of those given, on which the process itself holds a socket. */
export function portsHeld(
  tgid: number,
  listeners: readonly Listener[],
  proc = '/proc',
): ReadonlySet<number> {
  const byInode = new Map(listeners.map(({ inode, port }) => [`socket:[${inode}]`, port]))
  const ports = new Set<number>()
  for (const fd of readFds(`${proc}/${tgid}/fd`)) {
    const port = byInode.get(fd)
    if (port !== undefined) ports.add(port)
  }
  return ports
}

function* readFds(folder: string): Generator<string> {
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch {
    return // the process has ended
  }
  for (const name of names) {
    try {
      yield readlinkSync(`${folder}/${name}`)
    } catch {
      // closed since the folder was read
    }
  }
}

/** struct listener_key: namespace, port, two bytes of padding. */
const KEY_BYTES = 8

/** Tells the kernel which ports listened before the agent came: connections older than it get their role from there. */
export function fillListeners(
  map: BpfMap,
  byNetns: ReadonlyMap<number, readonly Listener[]>,
): void {
  for (const [netns, listeners] of byNetns) {
    const sockets = new Map<number, number>()
    for (const { port } of listeners) sockets.set(port, (sockets.get(port) ?? 0) + 1)
    for (const [port, count] of sockets) {
      const key = Buffer.alloc(KEY_BYTES)
      key.writeUInt32LE(netns, 0)
      key.writeUInt16LE(port, 4)
      const value = Buffer.alloc(8)
      value.writeUInt32LE(count, 0)
      map.update(key, value)
    }
  }
}
