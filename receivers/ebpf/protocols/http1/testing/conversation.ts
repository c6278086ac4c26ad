import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Direction, EndReason, Paired } from '../../../protocol.ts'
import type { Role } from '../../../role.ts'
import { KernelModel, type Pairing } from '../../testing/kernel_model.ts'
import type { Exchange } from '../exchange.ts'
import { contentBytes } from '../plain_exchange.ts'
import { PLAIN_METHODS, type PlainRequest } from '../plain_request.ts'
import type { PlainResponse } from '../plain_response.ts'
import { PlainStream } from '../plain_stream.ts'

const MS = 1e6
const DRAIN_MS = 10

/** One step of a conversation: `>` request bytes, `<` response bytes, `!` an end, `~` quiet for so many ms, `?` bytes unseen. */
export type Step =
  | readonly ['>' | '<', string]
  | readonly ['!', EndReason]
  | readonly ['~', number]
  | readonly ['?>' | '?<', number]

/** `METHOD target status`, then what is special: its failure, `~reason` of a partial one, `req=` and `res=` body sizes, `ms=` its duration. */
export interface Case {
  readonly name: string
  readonly steps: readonly Step[]
  readonly want: readonly string[]
  readonly counts?: Readonly<Record<string, number>>
  readonly role?: Role
  readonly adopted?: boolean
  readonly ignored?: boolean
  /** It gives the same spans when every byte is a call of its own. */
  readonly bytewise?: boolean
}

export const body = (n: number) => 'x'.repeat(n)
export const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
export const post = (path: string, n: number, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${n}\r\n${more}\r\n`
export const ok = (n: number, more = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${n}\r\n${more}\r\n`
export const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
/** A header that makes a head longer than the capture of 256 bytes. */
export const LONG = `X-Long: ${'y'.repeat(300)}\r\n`

const DIRECTIONS = { '>': 'request', '<': 'response', '?>': 'request', '?<': 'response' } as const

/** Tests of every case, paired by user space and by the kernel. */
export function playAll(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const one of cases) {
      for (const pairing of ['user', 'kernel'] as const) {
        test(`${one.name}, paired by ${pairing}`, () => check(one, pairing))
        if (one.bytewise !== true) continue
        test(`${one.name}, byte by byte, paired by ${pairing}`, () => {
          assert.deepEqual(play(one, pairing, 1).spans, one.want)
        })
      }
    }
  })
}

function check(one: Case, pairing: Pairing): void {
  const { spans, counts, ignored } = play(one, pairing, Infinity)
  assert.deepEqual(spans, one.want)
  assert.equal(ignored, one.ignored ?? false)
  // How much is counted behind bytes that nobody saw depends on what the kernel sends.
  if (!one.steps.some(([kind]) => kind.startsWith('?'))) assert.deepEqual(counts, one.counts ?? {})
}

/** `callBytes`: at most so many move by one call. */
function play(one: Case, pairing: Pairing, callBytes: number) {
  const spans: string[] = []
  const counts: Record<string, number> = {}
  let ignored = false
  const role = one.role ?? 'server'
  const stream = new PlainStream(
    { role, adopted: one.adopted ?? false },
    {
      exchange: (exchange) => {
        spans.push(describeExchange(exchange))
      },
      plain: (paired, request, response) => {
        spans.push(describePlain(paired, request, response))
        return true
      },
      count: (reason, n = 1) => {
        counts[reason] = (counts[reason] ?? 0) + n
      },
      verdict: (verdict) => {
        ignored ||= verdict === 'ignore'
      },
    },
  )
  playSteps(one.steps, new KernelModel(role, stream, pairing), callBytes)
  return { spans, counts, ignored }
}

/** A millisecond passes before each step; after each call there is a drain, and one every 10 ms of quiet. */
function playSteps(steps: readonly Step[], kernel: KernelModel, callBytes: number): void {
  let ns = 0
  for (const [kind, what] of steps) {
    if (kind === '~') {
      for (let ms = 0; ms < what; ms += DRAIN_MS) {
        ns += DRAIN_MS * MS
        kernel.drain(ns)
      }
    } else if (kind === '?>' || kind === '?<') {
      kernel.unseen(DIRECTIONS[kind], what)
    } else if (kind === '!') {
      ns += MS
      kernel.end(what, ns)
    } else {
      ns += MS
      playCalls(kernel, DIRECTIONS[kind], Buffer.from(String(what), 'latin1'), callBytes, ns)
    }
  }
}

function playCalls(
  kernel: KernelModel,
  direction: Direction,
  data: Buffer,
  callBytes: number,
  ns: number,
): void {
  for (let at = 0; at < data.length; at += callBytes) {
    kernel.call(direction, data.subarray(at, at + callBytes), ns)
    kernel.drain(ns)
  }
}

function describeExchange({ request, response, endNs, failure, partial }: Exchange): string {
  const words: (string | number)[] = [
    request.head.method,
    request.head.target,
    response?.head?.status ?? '-',
  ]
  if (failure !== '') words.push(failure)
  if (partial !== '') words.push(`~${partial}`)
  if (request.bodyBytes) words.push(`req=${request.bodyBytes}`)
  if (response?.bodyBytes) words.push(`res=${response.bodyBytes}`)
  words.push(`ms=${(endNs - request.firstNs) / MS}`)
  return words.join(' ')
}

/** The same of an exchange that was taken in place. */
export function describePlain(
  paired: Paired,
  request: PlainRequest,
  response: PlainResponse,
): string {
  const target = paired.bytes.subarray(request.target.start, request.target.end)
  const words: (string | number)[] = [
    PLAIN_METHODS[request.method] ?? '',
    Buffer.from(target).toString('latin1'),
    response.status,
  ]
  if (request.contentLength > 0) words.push(`req=${request.contentLength}`)
  const content = contentBytes(request.method, response)
  if (content > 0) words.push(`res=${content}`)
  words.push(`ms=${(paired.response.lastNs - paired.request.firstNs) / MS}`)
  return words.join(' ')
}
