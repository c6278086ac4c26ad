import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../../../../test/support/fast_check.ts'
import { DEFAULT_CAPTURE, KernelModel, type Pairing } from '../testing/kernel_model.ts'
import { contentBytes } from './plain_exchange.ts'
import { PlainStream } from './plain_stream.ts'

const MS = 1e6
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400)

/** How a message is cut into calls: offsets modulo its length. */
type Cuts = readonly number[]

interface Asked {
  readonly method: string
  readonly bodyBytes: number
  readonly chunked: boolean
  readonly padding: number
  readonly cuts: Cuts
}

interface Answered {
  readonly status: number
  readonly framing: 'length' | 'chunked'
  readonly bodyBytes: number
  readonly chunkBytes: number
  readonly padding: number
  readonly interim: boolean
  readonly cuts: Cuts
  readonly quietDrains: number
}

/** Requests asked by one call, then their answers one by one. */
type Round = readonly (readonly [Asked, Answered])[]

const cuts = fc.array(fc.nat(5000), { maxLength: 6 })
const asked = (padding: fc.Arbitrary<number>) =>
  fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PURGE'),
    bodyBytes: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3000)),
    chunked: fc.boolean(),
    padding,
    cuts,
  })
const answered = (padding: fc.Arbitrary<number>) =>
  fc.record({
    status: fc.constantFrom(200, 204, 304, 404, 500),
    framing: fc.constantFrom('length' as const, 'chunked' as const),
    bodyBytes: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(5000)),
    chunkBytes: fc.integer({ min: 1, max: 3000 }),
    padding,
    interim: fc.boolean(),
    cuts,
    quietDrains: fc.nat(6),
  })
const rounds = (requestPadding: fc.Arbitrary<number>, responsePadding: fc.Arbitrary<number>) =>
  fc.array(
    fc.array(fc.tuple(asked(requestPadding), answered(responsePadding)), {
      minLength: 1,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 5 },
  )

function requestBytes(one: Asked, path: string): Buffer {
  const head = `${one.method} ${path} HTTP/1.1\r\nHost: a\r\nX: ${'p'.repeat(one.padding)}\r\n`
  if (one.method === 'GET' || one.method === 'HEAD') return latin1(`${head}\r\n`)
  if (one.chunked) {
    return latin1(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks(one.bodyBytes, 700)}`)
  }
  return latin1(`${head}Content-Length: ${one.bodyBytes}\r\n\r\n${content(one.bodyBytes)}`)
}

function responseBytes(one: Answered, method: string): Buffer {
  const head = `HTTP/1.1 ${one.status} X\r\nX: ${'p'.repeat(one.padding)}\r\n`
  const empty = method === 'HEAD' || one.status === 204 || one.status === 304
  if (one.framing === 'length') {
    const body = empty ? '' : content(one.bodyBytes)
    return latin1(`${head}Content-Length: ${one.bodyBytes}\r\n\r\n${body}`)
  }
  const body = empty ? '' : chunks(one.bodyBytes, one.chunkBytes)
  return latin1(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`)
}

/** Content that looks like messages, and like the end of a chunked body (but never like that before a message). */
const CONTENT = '\r\n0\r\n\r\nGET /false HTTP/1.1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'
const content = (bytes: number) => CONTENT.repeat(Math.ceil(bytes / CONTENT.length)).slice(0, bytes)

function chunks(bytes: number, size: number): string {
  let text = ''
  for (let left = bytes; left > 0; left -= size) {
    const taken = Math.min(left, size)
    text += `${taken.toString(16)}\r\n${content(taken)}\r\n`
  }
  return `${text}0\r\n\r\n`
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** `first`: the first call moves at least so many bytes. */
function pieces(data: Buffer, at: Cuts, first: number): Buffer[] {
  const ends = [...new Set(at.map((cut) => Math.max(first, cut % data.length)))]
  const sorted = [...ends.filter((end) => end > 0 && end < data.length), data.length]
  sorted.sort((a, b) => a - b)
  return sorted.map((end, i) => data.subarray(sorted[i - 1] ?? 0, end))
}

interface Seen {
  readonly target: string
  /** The target was captured to its end. */
  readonly whole: boolean
  readonly status: number | undefined
  readonly startNs: number
  readonly endNs: number
  readonly requestBody: number | undefined
  readonly responseBody: number | undefined
  readonly partial: string
}

interface Truth {
  readonly target: string
  readonly status: number
  readonly startNs: number
  endNs: number
  /** The agent was there from its first call on. */
  readonly whole: boolean
}

/** `joins`: calls that have passed when the agent comes; its connection is then an adopted one. */
function play(conversation: readonly Round[], pairing: Pairing, joins = 0) {
  const seen: Seen[] = []
  const counts: Record<string, number> = {}
  const stream = new PlainStream(
    { role: 'server', adopted: joins > 0 },
    {
      exchange: ({ request, response, endNs, partial }) => {
        seen.push({
          target: request.head.target,
          whole: request.head.targetComplete,
          status: response?.head?.status,
          startNs: request.firstNs,
          endNs,
          requestBody: request.bodyBytes,
          responseBody: response?.bodyBytes,
          partial,
        })
      },
      plain: ({ bytes, request, response }, head, answer) => {
        const { start, end } = head.target
        seen.push({
          target: Buffer.from(bytes.subarray(start, end)).toString('latin1'),
          whole: true,
          status: answer.status,
          startNs: request.firstNs,
          endNs: response.lastNs,
          requestBody: Math.max(head.contentLength, 0),
          responseBody: contentBytes(head.method, answer),
          partial: '',
        })
        return true
      },
      count: (reason, n = 1) => {
        counts[reason] = (counts[reason] ?? 0) + n
      },
      verdict: () => undefined,
    },
  )
  const kernel = new KernelModel('server', stream, pairing)
  const truth: Truth[] = []
  let ns = 0
  let calls = 0
  const drain = (times: number) => {
    for (let i = 0; i < times; i++) {
      ns += 10 * MS
      kernel.drain(ns)
    }
  }
  const call = (direction: 'request' | 'response', data: Buffer) => {
    ns += MS
    if (calls++ < joins) return
    kernel.call(direction, data, ns)
    kernel.drain(ns)
  }
  for (const round of conversation) {
    const first = truth.length
    const bytes = round.map(([one], i) => requestBytes(one, `/${first + i}`))
    const parts =
      round.length > 1
        ? [Buffer.concat(bytes)]
        : pieces(Buffer.concat(bytes), round[0]?.[0].cuts ?? [], 0)
    const startNs = ns + MS
    const whole = calls >= joins
    for (const part of parts) call('request', part)
    for (const [{ method }, answer] of round) {
      const target = `/${truth.length}`
      const one: Truth = { target, status: answer.status, startNs, endNs: 0, whole }
      truth.push(one)
      if (answer.interim) call('response', latin1('HTTP/1.1 103 Early Hints\r\n\r\n'))
      for (const part of pieces(responseBytes(answer, method), answer.cuts, 8)) {
        call('response', part)
      }
      one.endNs = ns
      drain(answer.quietDrains)
    }
  }
  kernel.end('closed', ns + MS)
  return { seen, counts, truth }
}

const asSpan = ({ target, status, startNs, endNs }: Truth) => ({ target, status, startNs, endNs })

describe('http1 pairing', () => {
  test('heads within the capture: every request gives one right span, paired either way', () => {
    const some = rounds(fc.nat(200), fc.nat(100))
    fc.assert(
      fc.property(some, (conversation) => {
        const user = play(conversation, 'user')
        const kernel = play(conversation, 'kernel')
        assert.deepEqual(kernel.seen, user.seen)
        if (hidesRequests(conversation)) return
        const spans = user.seen.map(({ target, status, startNs, endNs }) => ({
          target,
          status,
          startNs,
          endNs,
        }))
        assert.deepEqual(spans, user.truth.map(asSpan))
      }),
      { numRuns: RUNS },
    )
  })

  test('heads beyond the capture: the same spans either way, none with what belongs to another', () => {
    const some = rounds(fc.oneof(fc.nat(200), fc.nat(3000)), fc.oneof(fc.nat(100), fc.nat(600)))
    fc.assert(
      fc.property(some, (conversation) => {
        const user = play(conversation, 'user')
        const kernel = play(conversation, 'kernel')
        assert.deepEqual(kernel.seen, user.seen)
        for (const span of user.seen.filter(({ whole }) => whole)) {
          const truth = user.truth.find(({ target }) => target === span.target)
          assert.ok(truth, `invented: ${span.target}`)
          if (span.status !== undefined) assert.equal(span.status, truth.status)
        }
      }),
      { numRuns: RUNS },
    )
  })
})

describe('http1 pairing, on a connection older than the agent', () => {
  test('from the first whole request on, every one gives one right span, and none is invented', () => {
    const known = ({ method }: Asked) => method !== 'PURGE'
    const request = asked(fc.nat(200))
      .filter(known)
      .map((one) => ({ ...one, bodyBytes: one.bodyBytes % 8 }))
    const exchange = fc.tuple(request, answered(fc.nat(100)))
    const some = fc.array(fc.array(exchange, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 30 }), (conversation, joins) => {
        const user = play(conversation, 'user', joins)
        const kernel = play(conversation, 'kernel', joins)
        assert.deepEqual(kernel.seen, user.seen)
        if (hidesRequests(conversation)) return
        const spans = user.seen.map(({ target, status, startNs, endNs }) => ({
          target,
          status,
          startNs,
          endNs,
        }))
        assert.deepEqual(spans, user.truth.filter(({ whole }) => whole).map(asSpan))
      }),
      { numRuns: RUNS },
    )
  })
})

/** True when a pipelined request lies beyond what is captured of the call that asks it. */
const hidesRequests = (conversation: readonly Round[]) =>
  conversation.some(
    (round) =>
      round.length > 1 &&
      round.reduce((sum, [one]) => sum + requestBytes(one, '/100').length, 0) >
        DEFAULT_CAPTURE.request,
  )
