/** What `npm run new:protocol` writes: a protocol of lines, each answered by one, which nothing is recognised as yet. */
export const protocolFiles = (name: string): Readonly<Record<string, string>> => ({
  [`bpf/classify/${name}.h`]: classifier(name),
  [`receivers/ebpf/protocols/${name}/parse.ts`]: PARSE,
  [`receivers/ebpf/protocols/${name}/stitch.ts`]: STITCH,
  [`receivers/ebpf/protocols/${name}/span.ts`]: span(name),
  [`receivers/ebpf/protocols/${name}/protocol.ts`]: protocol(name),
  [`receivers/ebpf/protocols/${name}/protocol.test.ts`]: test(name),
  [`receivers/ebpf/protocols/${name}/testdata/first_bytes.hex`]: FIRST_BYTES,
  [`receivers/ebpf/protocols/${name}/README.md`]: `# ${name}\n\nWhat it reads, what a span says, limits.\n`,
})

/** The lines that others need, by file: what stands there, and what it becomes. */
export const protocolLines = (name: string): Readonly<Record<string, [string, string][]>> => ({
  'bpf/include/events.h': [
    ['\n};\n\nenum conn_flag', `\n\tPROTOCOL_${name.toUpperCase()},\n};\n\nenum conn_flag`],
  ],
  'bpf/classify/table.h': [
    ['#include "redis.h"\n', `#include "${name}.h"\n#include "redis.h"\n`],
    [
      '\treturn PROTOCOL_UNKNOWN;\n',
      `\tif (is_${name}(data, bytes))\n\t\treturn PROTOCOL_${name.toUpperCase()};\n\treturn PROTOCOL_UNKNOWN;\n`,
    ],
  ],
  'receivers/ebpf/protocols/table.ts': [
    [
      "import { redis } from './redis/protocol.ts'\n",
      `import { begins as begins_${name} } from './${name}/parse.ts'\nimport { ${name} } from './${name}/protocol.ts'\nimport { redis } from './redis/protocol.ts'\n`,
    ],
    [
      '\n]\n\n',
      `\n  { id: Protocol.${name.toUpperCase()}, begins: requestBegins(begins_${name}), open: ${name}(sample) },\n]\n\n`,
    ],
  ],
  'test/fuzz/conversations.ts': [['\n}\n', `\n  ${name}: [],\n}\n`]],
})

const classifier = (name: string) => `/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a request of ${name}? Reads at most CLASSIFY_BYTES; compiles on the host too.
 * Prefers a miss: what is left out here, user space finds. Source: the specification, with its URL
 */
#ifndef WEIR_CLASSIFY_${name.toUpperCase()}_H
#define WEIR_CLASSIFY_${name.toUpperCase()}_H

#include <linux/types.h>

static inline __attribute__((always_inline)) int is_${name}(const __u8 *data, __u64 bytes)
{
	(void)data;
	(void)bytes;
	return 0;
}

#endif
`

const PARSE = `import { type Direction, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** One message, or what is needed of it. */
export interface Frame {
  readonly text: string
}

const LF = 0x0a

/** Could a message begin here? Source: the specification, with its URL */
export function begins(_direction: Direction, _bytes: Buffer): boolean {
  return false
}

/** What begins at the first byte. A frame may be longer than \`bytes\`: the rest is skipped. Never throws. */
export function parseFrame(_direction: Direction, bytes: Buffer): ParseResult<Frame> {
  const end = bytes.indexOf(LF)
  if (end < 0) return NEED_MORE
  return { kind: 'frame', bytes: end + 1, frame: { text: bytes.toString('latin1', 0, end) } }
}
`

const STITCH = `import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import { Queue } from '../chunks/queue.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { begins, type Frame, parseFrame } from './parse.ts'

export interface Exchange {
  readonly request: Frame
  /** Undefined: none came, and \`failure\` says why. */
  readonly response: Frame | undefined
  readonly failure: '' | 'connection_closed' | 'connection_reset'
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

interface Waiting {
  readonly request: Frame
  readonly times: FrameTimes
}

/** Requests of one connection that wait for answers: more than any client sends ahead. */
const MAX_WAITING = 1024

/** Joins the requests and responses of one connection: the first response answers the oldest request. */
export class ExchangeDialogue implements Dialogue<Frame> {
  readonly #onExchange: (exchange: Exchange) => void
  readonly #waiting = new Queue<Waiting>(MAX_WAITING)

  constructor(onExchange: (exchange: Exchange) => void) {
    this.#onExchange = onExchange
  }

  get waiting(): number {
    return this.#waiting.length
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<Frame> {
    return parseFrame(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return begins(direction, bytes)
  }

  frame(direction: Direction, frame: Frame, times: FrameTimes): boolean {
    if (direction === 'request') return this.#waiting.push({ request: frame, times })
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return false
    this.#emit(waiting, frame, '', times.lastNs, times.tgid)
    return true
  }

  drop(): number {
    return this.#waiting.takeAll().length
  }

  end(reason: EndReason, ns: number): void {
    const failure = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const waiting of this.#waiting.takeAll()) {
      this.#emit(waiting, undefined, failure, ns, waiting.times.tgid)
    }
  }

  #emit(
    { request, times }: Waiting,
    response: Frame | undefined,
    failure: Exchange['failure'],
    endNs: number,
    tgid: number,
  ): void {
    this.#onExchange({ request, response, failure, startNs: times.firstNs, endNs, tgid })
  }
}
`

const span = (name: string) => `import type { DatabaseCall } from '../database.ts'
import type { Exchange } from './stitch.ts'

/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-spans/ */
export function callOf({ failure, startNs, endNs, tgid }: Exchange): DatabaseCall {
  return {
    system: '${name}',
    operation: '',
    summary: '',
    namespace: '',
    queryText: '',
    statusCode: '',
    error: failure,
    rows: undefined,
    partial: '',
    startNs,
    endNs,
    tgid,
  }
}
`

const protocol = (name: string) => `import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import { callOf } from './span.ts'
import { ExchangeDialogue } from './stitch.ts'

/** ${name} on one connection, as spans. */
export const ${name} =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const calls = new DatabaseCalls(connection, host, sample)
    return new ChunkStream(
      connection,
      host,
      (deliver) =>
        new ExchangeDialogue((exchange) => deliver(() => calls.emit(callOf(exchange)))),
    )
  }
`

const test = (name: string) => `import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, CUTS, play, spanLine } from '../testing/chunk_play.ts'
import { begins } from './parse.ts'
import { ${name} } from './protocol.ts'

const open = ${name}(parentBasedAlwaysOn)

/** Recorded from a real client and server. */
const REQUEST = 'hello\\n'
const cases: [name: string, conversation: Conversation, spans: string[]][] = [
  ['a request', [['request', REQUEST], ['response', 'ok\\n']], ['${name} server']],
]

describe('${name}', () => {
  test('a request is recognised', () => {
    assert.ok(begins('request', Buffer.from(REQUEST, 'latin1')), 'parse.ts recognises nothing yet')
  })

  for (const [what, conversation, spans] of cases) {
    test(what, () => {
      for (const cut of [Number.POSITIVE_INFINITY, ...CUTS]) {
        assert.deepEqual(play(open, conversation, { cut }).spans.map(spanLine), spans)
      }
    })
  }
})
`

const FIRST_BYTES = `# hex # yes: kernel and user space | missed: user space alone | no: what it is
48454c4f # yes: record a real request
`
