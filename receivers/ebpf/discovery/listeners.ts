import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import type { BpfMap } from '../../../native/bpf_map.ts'

/** A TCP socket that listens. */
export interface Listener {
  readonly port: number
  /** Of the socket, as /proc/PID/fd names it: `socket:[inode]`. */
  readonly inode: string
}

const LISTEN = '0A'

/** A busy machine's table has tens of megabytes, made anew by the kernel for each reader. */
const BLOCK_BYTES = 65_536

/**
 * Rows of /proc/net/tcp or tcp6 that listen. They stand in front: nothing is read behind the first that does not.
 * Source: kernel Documentation/networking/proc_net_tcp.rst; tcp_get_idx() in net/ipv4/tcp_ipv4.c
 */
function readListeners(path: string): Listener[] {
  const found: Listener[] = []
  const rows = linesOf(path)
  rows.next() // the head of the table
  for (const row of rows) {
    const fields = row.trim().split(/\s+/)
    const [, local = '', , state] = fields
    if (state !== LISTEN) break
    const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)
    found.push({ port, inode: fields[9] ?? '' })
  }
  return found
}

/** Whole lines of a file, read as far as they are taken; none of a file that cannot be read. */
function* linesOf(path: string): Generator<string> {
  const block = Buffer.alloc(BLOCK_BYTES)
  let file: number | undefined
  let rest = ''
  try {
    file = openSync(path, 'r')
    for (let bytes = readSync(file, block); bytes > 0; bytes = readSync(file, block)) {
      const lines = (rest + block.toString('latin1', 0, bytes)).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch {
    // its process has ended
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** What listens in the network namespace of a process, IPv4 and IPv6. */
export const listenersAround = (tgid: number, proc = '/proc'): Listener[] =>
  ['tcp', 'tcp6'].flatMap((table) => readListeners(`${proc}/${tgid}/net/${table}`))

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
