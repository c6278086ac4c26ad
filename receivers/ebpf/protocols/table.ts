import { Protocol } from '../../../bpf/events.gen.ts'
import type { OpenStream, ProtocolEntry } from '../protocol.ts'
import { beginsAmqp } from './amqp/begins.ts'
import { amqp } from './amqp/protocol.ts'
import { openAny } from './detect.ts'
import { Lookups } from './dns/lookups.ts'
import { dns } from './dns/protocol.ts'
import { beginsDns } from './dns/tcp.ts'
import type { HttpOptions } from './http1/emit.ts'
import { HTTP1_DEFAULTS, http1 } from './http1/protocol.ts'
import { beginsHttp2 } from './http2/begins.ts'
import { http2, http2Upgraded } from './http2/protocol.ts'
import { beginsRequest as beginsKafka } from './kafka/parse.ts'
import { kafka } from './kafka/protocol.ts'
import { beginsMemcached } from './memcached/begins.ts'
import { memcached } from './memcached/protocol.ts'
import { beginsRequest as beginsMongodb } from './mongodb/parse.ts'
import { mongodb } from './mongodb/protocol.ts'
import { isConnect, isMessages } from './mqtt/begins.ts'
import { mqtt } from './mqtt/protocol.ts'
import { beginsMysql, isGreeting } from './mysql/begins.ts'
import { mysql } from './mysql/protocol.ts'
import { isNats, isGreeting as isNatsGreeting } from './nats/begins.ts'
import { nats } from './nats/protocol.ts'
import { asksForTls, beginsMessages, beginsStartup } from './postgres/begins.ts'
import { postgres } from './postgres/protocol.ts'
import { redis } from './redis/protocol.ts'
import { beginsRedis } from './redis/stitch.ts'

/** What the protocols take from the receiver's configuration. */
export interface ProtocolOptions {
  readonly http1: HttpOptions
  /** Where what is said over TCP is joined with what is said by datagrams. */
  readonly lookups: Lookups
}

export const PROTOCOL_DEFAULTS: ProtocolOptions = {
  http1: HTTP1_DEFAULTS,
  lookups: new Lookups({ spans: true, timeoutNs: 5e9, sample: HTTP1_DEFAULTS.sample }),
}

/** The protocols that are read as chunks, by the `enum protocol` of bpf/include/events.h: one line per protocol. */
export const chunkProtocols = ({
  http1: http,
  http1: { sample },
  lookups,
}: ProtocolOptions): readonly ProtocolEntry[] => [
  { id: Protocol.HTTP2, begins: beginsHttp2, verdict: 'http2', open: http2(http) },
  {
    id: Protocol.POSTGRES,
    begins: ({ direction, data }, { adopted }) =>
      direction === 'request' && (adopted ? beginsMessages(direction, data) : beginsStartup(data)),
    precedesTls: ({ data }) => asksForTls(data),
    open: postgres(sample),
  },
  {
    id: Protocol.MYSQL,
    begins: (chunk, { adopted }) => beginsMysql(chunk, adopted),
    precedesTls: ({ data }) => isGreeting(data),
    open: mysql(sample),
  },
  { id: Protocol.REDIS, begins: requestBegins(beginsRedis), open: redis(sample) },
  {
    id: Protocol.KAFKA,
    begins: requestBegins((_, bytes) => beginsKafka(bytes)),
    open: kafka(sample),
  },
  {
    id: Protocol.MONGODB,
    begins: requestBegins((_, bytes) => beginsMongodb(bytes)),
    open: mongodb(sample),
  },
  { id: Protocol.MEMCACHED, begins: requestBegins(beginsMemcached), open: memcached(sample) },
  {
    id: Protocol.AMQP,
    begins: requestBegins(beginsAmqp),
    verdict: 'amqp',
    open: amqp(sample),
  },
  { id: Protocol.DNS, begins: requestBegins(beginsDns), open: dns(lookups) },
  {
    id: Protocol.NATS,
    begins: ({ direction, data }) => isNats(direction, data),
    precedesTls: ({ direction, data }) => isNatsGreeting(direction, data),
    verdict: 'nats',
    open: nats(sample),
  },
  {
    id: Protocol.MQTT,
    begins: ({ direction, data }, { adopted }) =>
      adopted ? isMessages(direction, data) : direction === 'request' && isConnect(data),
    verdict: 'mqtt',
    open: mqtt(sample),
  },
]

/** Recognised by what a client sends, never by an answer, which may look like much else. */
const requestBegins =
  (begins: (direction: 'request', bytes: Buffer) => boolean): ProtocolEntry['begins'] =>
  ({ direction, data }) =>
    direction === 'request' && begins(direction, data)

/** How every connection is followed. */
export const openStreams = (options: ProtocolOptions): OpenStream =>
  openAny(http1(options.http1, http2Upgraded(options.http1)), chunkProtocols(options))
