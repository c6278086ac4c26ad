import type { Connection, OpenStream, StreamHost } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitMessagingCall } from '../messaging.ts'
import { answerOf, groupOf, NO_ANSWER } from './bodies.ts'
import { Knowledge } from './knowledge.ts'
import type { Message } from './message.ts'
import { kafkaCalls } from './span.ts'
import { KafkaDialogue, type KafkaExchange } from './stitch.ts'

/** Kafka on one connection, as spans: one per topic that is produced to, fetched from or committed, and for calls of groups. */
export function kafka(sample: Sample): OpenStream {
  const knowledge = new Knowledge()
  return (connection, host) =>
    new ChunkStream(
      connection,
      host,
      (deliver) =>
        new KafkaDialogue({
          exchange: (exchange) =>
            deliver(() => tell(exchange, knowledge, connection, host, sample)),
          count: (reason, n) => host.count(reason, n),
        }),
    )
}

const isFlexible = ({ head }: Message) => head.version >= head.api.flexible

/** A client's groups are those of its process, or seen from the broker, of its host. */
const clientOf = ({ clientId }: Message['head'], tgid: number, { role, peerAddress }: Connection) =>
  `${role === 'client' ? tgid : peerAddress} ${clientId}`

function tell(
  exchange: KafkaExchange,
  knowledge: Knowledge,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const { request, response, tgid } = exchange
  const { key, version } = request.head
  const answer =
    response === undefined ? NO_ANSWER : answerOf(key, version, isFlexible(request), response.body)
  for (const { id, name } of answer.topics) knowledge.learnTopic(id, name)
  const client = clientOf(request.head, tgid, connection)
  const own = groupOf(key, version, isFlexible(request), request.body)
  knowledge.learnGroup(client, own)
  const group = own || knowledge.group(client)
  const unread = request.unread + (response?.unread ?? 0)
  if (unread > 0) host.count('kafka_origins_unread', unread)
  const calls = kafkaCalls(exchange, { topicOf: (id) => knowledge.topic(id), group, answer })
  if (typeof calls === 'string') host.count(calls)
  else {
    for (const call of calls) {
      if (call.partial !== '') host.count(call.partial)
      emitMessagingCall(call, connection, host, sample)
    }
  }
}
