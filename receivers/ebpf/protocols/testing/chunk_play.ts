import { type Span, SpanKind, StatusCode } from '../../../../pipeline/data/traces.ts'
import type {
  Connection,
  Direction,
  EndReason,
  OpenStream,
  Stream,
  StreamHost,
} from '../../protocol.ts'
import { NO_SERVICES } from '../../testing.ts'
import { feedAll } from '../rest.ts'

/** What was said, in order; for tests. */
export type Conversation = readonly (readonly [direction: Direction, bytes: Buffer | string])[]

export interface PlayOptions {
  readonly connection?: Partial<Connection>
  /** Bytes of each chunk; whole turns when left out. */
  readonly cut?: number
  /** Captured of each chunk. */
  readonly captured?: number
  readonly end?: EndReason
}

export interface Played {
  readonly spans: readonly Span[]
  readonly counts: Readonly<Record<string, number>>
  readonly verdicts: readonly string[]
}

/** A server's, which nobody has classified. */
export const CONNECTION: Connection = {
  id: 7,
  role: 'server',
  tls: false,
  protocol: 0,
  adopted: false,
  localAddress: '10.0.0.1',
  localPort: 7000,
  peerAddress: '10.0.0.2',
  peerPort: 40_000,
}
const MS = 1e6

const bytesOf = (bytes: Buffer | string) =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes

/** Plays a conversation as the kernel would send it, a millisecond for each chunk. */
export function play(
  open: OpenStream,
  conversation: Conversation,
  options: PlayOptions = {},
): Played {
  const spans: Span[] = []
  const counts: Record<string, number> = {}
  const verdicts: string[] = []
  const { cut = Number.POSITIVE_INFINITY, captured = Number.POSITIVE_INFINITY, end } = options
  const host: StreamHost = {
    ...NO_SERVICES,
    emit: (span) => void spans.push(span),
    count: (reason, n = 1) => {
      counts[reason] = (counts[reason] ?? 0) + n
    },
    verdict: (verdict) => void verdicts.push(verdict),
    become: (begins, next = open, proxied) => {
      Object.assign(connection, { begins, proxied, adopted: false, protocol: 0 })
      connection.stream = next(connection, host)
    },
    unixTime: (ns) => [0, ns],
  }
  const connection: Connection & { stream: Stream | undefined } = {
    ...CONNECTION,
    ...options.connection,
    stream: undefined,
  }
  connection.stream = open(connection, host)
  const position = { request: 0, response: 0 }
  let ns = 0
  for (const [direction, said] of conversation) {
    const whole = bytesOf(said)
    for (let at = 0; at < whole.length; at += cut) {
      const bytes = Math.min(cut, whole.length - at)
      const data = Buffer.from(whole.subarray(at, at + Math.min(bytes, captured)))
      const tail = Buffer.from(whole.subarray(Math.max(at, at + bytes - 8), at + bytes))
      ns += MS
      const times = { firstNs: ns, lastNs: ns, tgid: 1 }
      const where = { direction, position: position[direction] }
      feedAll(connection, { ...where, bytes, data, tail, ...times })
      data.fill(0xee) // it was only lent
      position[direction] += bytes
    }
  }
  if (end !== undefined) connection.stream?.end(end, ns + MS)
  return { spans, counts, verdicts }
}

/** A span in one line: what it is called and what its attributes say, but for addresses. */
export function spanLine({ name, kind, status, attributes }: Span): string {
  const side = kind === SpanKind.server ? 'server' : 'client'
  const facts = attributes
    .filter(({ key }) => !/^(db\.system\.name|server\.|network\.|client\.)/.test(key))
    .map(({ key, value }) => `${key}=${'value' in value ? String(value.value) : ''}`)
  return [name, side, ...facts, ...(status.code === StatusCode.error ? ['error'] : [])].join(' ')
}

/** Bytes left of a conversation that is played in pieces of 1, 2, 3 ... bytes give these lines each time. */
export const CUTS: readonly number[] = [1, 2, 3, 5, 7, 11, 64]
