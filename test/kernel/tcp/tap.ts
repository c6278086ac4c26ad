import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  chunk,
  connHead,
  Decision,
  Direction,
  EndReason,
  end,
  exchange,
  RecordType,
  run,
} from '../../../bpf/events.gen.ts'
import type { BpfObject } from '../../../native/bpf_object.ts'
import { BpfObject as Opened } from '../../../native/bpf_object.ts'
import { type FailedProgram, loadObject } from '../../../native/load.ts'
import { DRAIN_HEADER_BYTES, RingReader } from '../../../native/ring_reader.ts'
import { possibleCpus } from '../../../receivers/ebpf/kernel.ts'
import { autoloadOf, type HookFamily } from '../../../receivers/ebpf/sources/tcp.ts'
import { VERDICT_BITS } from '../../../receivers/ebpf/verdicts.ts'

const ARCHITECTURE = process.arch === 'x64' ? 'x86_64' : 'arm64'
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
export const objectPath = (name: string) => `${ROOT}build/bpf/${ARCHITECTURE}/${name}.bpf.o`

const RINGS = ['ring_0', 'ring_1', 'ring_2', 'ring_3']
const RING_BYTES = 2 << 20
const HEAD_SLOTS = 2048
const ALL_REJECTED = Decision.REJECTED * 0b01010101

/** What a record of a connection says, as the tests compare it. */
export interface TapRecord {
  readonly type: 'chunk' | 'exchange' | 'end'
  readonly connId: number
  readonly sequence: number
  readonly tgid: number
  readonly role: number
  readonly protocol: number
  readonly flags: number
  readonly localPort: number
  readonly peerPort: number
  readonly localAddress: string
  /** Of `conns`. */
  readonly key: Buffer
  readonly runs: readonly TapRun[]
  readonly direction: 'in' | 'out' | undefined
  readonly reason: string | undefined
}

export interface TapRun {
  readonly position: number
  readonly bytes: number
  readonly data: string
  readonly tail: string
  readonly firstNs: number
  readonly lastNs: number
}

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(table)
    .find((name) => table[name] === value)
    ?.toLowerCase() ?? String(value)

function readRun(view: DataView, at: number, dataAt: number): TapRun {
  const text = (from: number, bytes: number) =>
    Buffer.from(view.buffer, view.byteOffset + from, bytes).toString('latin1')
  const tailBytes = run.tailBytes(view, at)
  return {
    position: run.position(view, at),
    bytes: run.bytes(view, at),
    data: text(dataAt, run.captured(view, at)),
    tail: text(at + run.tail + 8 - tailBytes, tailBytes),
    firstNs: run.firstNs(view, at),
    lastNs: run.lastNs(view, at),
  }
}

function readRuns(view: DataView, type: string): TapRun[] {
  if (type === 'chunk') return [readRun(view, chunk.run, chunk.size)]
  if (type === 'end') {
    return [readRun(view, end.request, end.size), readRun(view, end.response, end.size)]
  }
  const request = readRun(view, exchange.request, exchange.size)
  return [request, readRun(view, exchange.response, exchange.size + request.data.length)]
}

function readRecord(view: DataView): TapRecord {
  const type = nameOf(RecordType, connHead.type(view, 0))
  if (type !== 'chunk' && type !== 'exchange' && type !== 'end') throw new Error(`record ${type}`)
  return {
    type,
    connId: connHead.connId(view, 0),
    sequence: connHead.sequence(view, 0),
    tgid: connHead.tgid(view, 0),
    role: connHead.role(view, 0),
    protocol: connHead.protocol(view, 0),
    flags: connHead.flags(view, 0),
    localPort: connHead.localPort(view, 0),
    peerPort: connHead.peerPort(view, 0),
    localAddress: Buffer.from(view.buffer, view.byteOffset + connHead.localAddr, 16).toString(
      'hex',
    ),
    key: Buffer.copyBytesFrom(new Uint8Array(view.buffer, view.byteOffset + connHead.key, 16)),
    runs: readRuns(view, type),
    direction:
      type === 'chunk' ? (chunk.direction(view, 0) === Direction.IN ? 'in' : 'out') : undefined,
    reason: type === 'end' ? nameOf(EndReason, end.reason(view, 0)) : undefined,
  }
}

/** The TCP object with one family of hooks, attached, and its records. */
export class Tap {
  readonly object: BpfObject
  /** Programs that the kernel has refused: those of functions that it has not. */
  readonly failed: readonly FailedProgram[]
  readonly #ring: RingReader
  readonly #buffer = Buffer.alloc(RINGS.length * RING_BYTES)

  /** `only`: the one process that is selected. */
  constructor(
    family: HookFamily,
    rodata: Readonly<Record<string, number>> = {},
    only?: number,
    maxEntries: Readonly<Record<string, number>> = {},
  ) {
    const cpus = possibleCpus(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))
    const opened = new Opened(objectPath('tcp'))
    const programs = opened.programs()
    opened.close()
    const autoload = autoloadOf(family, programs)
    const { object, failed } = loadObject(objectPath('tcp'), {
      autoload,
      rodata: { cpus, head_slots: HEAD_SLOTS, ...rodata },
      maxEntries: { heads: HEAD_SLOTS + 2 * cpus, ...maxEntries },
    })
    this.object = object
    this.failed = failed
    this.#ring = new RingReader(RINGS.map((name) => object.map(name)))
    if (only !== undefined) {
      new Uint8Array(object.map('decisions').memory()).fill(ALL_REJECTED)
      this.decide(only, Decision.SELECTED)
    }
    for (const { name } of programs) {
      if (autoload[name] === true && !failed.some(({ program }) => program === name)) {
        this.#attach(name)
      }
    }
  }

  /** tcp_sendpage went in 6.5: whatever else does not attach is a fault. */
  #attach(program: string): void {
    try {
      this.object.attach(program)
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!absent || !program.endsWith('tcp_sendpage')) throw error
    }
  }

  /** Records since the last call: those of connections to `port`, and of them the server's or the client's. */
  take(port: number, side: 'server' | 'client' | 'both'): TapRecord[] {
    return this.takeAll().filter(
      ({ localPort, peerPort }) =>
        (side !== 'client' && localPort === port) || (side !== 'server' && peerPort === port),
    )
  }

  /** Records since the last call, whose ever. */
  takeAll(): TapRecord[] {
    return this.views().map(readRecord)
  }

  /** The same as they are, valid until the next call. */
  views(): DataView[] {
    const { buffer, byteOffset } = this.#buffer
    const bytes = this.#ring.drain(this.#buffer)
    const views: DataView[] = []
    for (let at = 0; at < bytes; ) {
      const length = this.#buffer.readUInt32LE(at)
      views.push(new DataView(buffer, byteOffset + at + DRAIN_HEADER_BYTES, length))
      at += DRAIN_HEADER_BYTES + ((length + 7) & ~7)
    }
    return views
  }

  /** Sets a process's two bits in `decisions`. */
  decide(tgid: number, decision: number): void {
    const bytes = new Uint8Array(this.object.map('decisions').memory())
    const shift = (tgid & 3) * 2
    bytes[tgid >> 2] = ((bytes[tgid >> 2] ?? 0) & ~(3 << shift)) | (decision << shift)
  }

  /** User space's answer for a connection. */
  answer(connId: number, verdict: number): void {
    const words = new BigUint64Array(this.object.map('verdicts').memory())
    words[connId % words.length] = (BigInt(connId) << VERDICT_BITS) | BigInt(verdict)
  }

  stat(stat: number): number {
    return this.object.map('stats').sumCounters()[stat] ?? 0
  }

  close(): void {
    this.object.close()
    this.#ring.close()
  }
}

export type Step = readonly [
  who: 'client' | 'server' | 'client2' | 'server2' | 'listener2',
  how: string,
  what?: string | number | readonly (string | number)[],
]

export interface PlayOptions {
  readonly family?: 'v4' | 'v6' | 'mapped' | 'reuseport' | 'mptcp'
  /** Connections more, each with an exchange, open until the end. */
  readonly many?: number
  readonly atPause?: () => void
}

export interface Played {
  readonly server: number
  readonly client: number
  /** What each step that moved bytes returned. */
  readonly moved: readonly number[]
}

/** peer.py: plays both ends of connections. */
export class Peer {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly tgid: number

  constructor() {
    this.#child = spawn('python3', [`${ROOT}test/kernel/tcp/peer.py`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (this.#child.stdout === null || this.#child.pid === undefined) throw new Error('no python3')
    this.#lines = createInterface(this.#child.stdout)
    this.tgid = this.#child.pid
  }

  /** `atPause` is called at each step that pauses. */
  async play(
    steps: readonly Step[],
    { family = 'v4', many = 0, atPause = () => undefined }: PlayOptions = {},
  ): Promise<Played> {
    const request = {
      family,
      many,
      steps: steps.map(([who, how, what]) => [who, how, what ?? null]),
    }
    let line = await this.#ask(JSON.stringify(request))
    while (line === '"paused"') {
      atPause()
      line = await this.#ask('')
    }
    const played: Played & { readonly error?: string } = JSON.parse(line)
    if (played.error !== undefined) throw new Error(`peer.py: ${played.error}`)
    return played
  }

  async #ask(line: string): Promise<string> {
    const answer = once(this.#lines, 'line')
    this.#child.stdin?.write(`${line}\n`)
    return String((await answer)[0])
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}
