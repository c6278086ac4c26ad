import { int } from '../../../../pipeline/data/attributes.ts'
import { ATTR_MESSAGING_KAFKA_OFFSET, MESSAGING_SYSTEM_VALUE_KAFKA } from '../../semconv.ts'
import type { MessagingCall } from '../messaging.ts'
import { KEYS } from './apis.ts'
import type { Answer } from './bodies.ts'
import { errorName } from './errors.ts'
import type { Message, TopicRecords } from './message.ts'
import type { KafkaExchange } from './stitch.ts'

/** What the exchange does not say itself. */
export interface Known {
  /** '' if it is not known. */
  topicOf(id: string): string
  readonly group: string
  readonly answer: Answer
}

/** Requests that have a span of their own, besides those for records. */
const TOLD = new Set<number>([
  KEYS.listOffsets,
  KEYS.metadata,
  KEYS.offsetFetch,
  KEYS.findCoordinator,
  KEYS.joinGroup,
  KEYS.leaveGroup,
  KEYS.syncGroup,
  KEYS.createTopics,
  KEYS.deleteTopics,
  KEYS.initProducerId,
  KEYS.addPartitionsToTxn,
  KEYS.addOffsetsToTxn,
  KEYS.endTxn,
])
/** How a broker gives a new member its name: it is to join again. */
const MEMBER_ID_REQUIRED = 79
/** Between brokers, and of their own log. */
const FOLLOWER = /^broker-\d+-fetcher-\d+$/
const METADATA_LOG = '__cluster_metadata'
/** The first versions that name topics by id. */
const RECORD_IDS = 13

const IDS_LENGTH = 32
const isId = (topic: string) => topic.length === IDS_LENGTH && /^[0-9a-f]+$/.test(topic)

/** The calls that an exchange is: one for each topic, or for what it does. Why there is none is counted. */
export function kafkaCalls(
  exchange: KafkaExchange,
  known: Known,
): readonly MessagingCall[] | 'kafka_housekeeping' | 'kafka_nothing_fetched' {
  const { key } = exchange.request.head
  if (key === KEYS.produce) return produceCalls(exchange, known)
  if (key === KEYS.fetch) return fetchCalls(exchange, known)
  if (key === KEYS.offsetCommit || key === KEYS.txnOffsetCommit) return commitCalls(exchange, known)
  if (!TOLD.has(key)) return 'kafka_housekeeping'
  const { error } = known.answer
  const code = key === KEYS.joinGroup && error === MEMBER_ID_REQUIRED ? 0 : error
  return [{ ...callOf(exchange, known), error: exchange.failure || errorName(code) }]
}

/** Of the whole exchange, without a topic. */
function callOf({ request, failure, endNs, tgid }: KafkaExchange, { group }: Known): MessagingCall {
  return {
    system: MESSAGING_SYSTEM_VALUE_KAFKA,
    operation: request.head.api.name,
    type: '',
    destination: '',
    partitionId: '',
    group,
    clientId: request.head.clientId,
    messages: undefined,
    origins: [],
    error: failure,
    partial: '',
    startNs: request.firstNs,
    endNs,
    tgid,
  }
}

/** A topic that a message names by id, if it is of a version that does so. */
function nameOf(topic: string, byId: boolean, known: Known): string {
  return byId && isId(topic) ? known.topicOf(topic) : topic
}

function partialOf(destination: string, cut: boolean): string {
  if (destination === '') return 'topic_unknown'
  return cut ? 'kafka_cut' : ''
}

/** What the records of one topic add. */
function recordsOf(
  topic: TopicRecords,
  { head, cut }: Message,
  known: Known,
): Partial<MessagingCall> {
  const destination = nameOf(topic.topic, head.version >= RECORD_IDS, known)
  const isOne = topic.partitions === 1
  const offset = isOne && topic.records === 1 ? topic.offset : undefined
  return {
    destination,
    partitionId: isOne ? String(topic.index) : '',
    messages: cut ? undefined : topic.records,
    origins: topic.origins,
    more: offset === undefined ? [] : [int(ATTR_MESSAGING_KAFKA_OFFSET, offset)],
    partial: partialOf(destination, cut || topic.records === undefined),
  }
}

function produceCalls(exchange: KafkaExchange, known: Known): readonly MessagingCall[] {
  const { request, failure } = exchange
  const call = {
    ...callOf(exchange, { ...known, group: '' }),
    operation: 'send',
    type: 'send',
  } as const
  if (request.topics.length === 0) return [{ ...call, partial: 'kafka_cut' }]
  const errors = new Map(known.answer.topics.map(({ name, id, error }) => [name || id, error]))
  return request.topics.map((topic) => ({
    ...call,
    ...recordsOf(topic, request, known),
    // Of a producer they are its own numbers.
    more: [],
    error: failure || errorName(errors.get(topic.topic) ?? 0),
  }))
}

function fetchCalls(
  exchange: KafkaExchange,
  known: Known,
): readonly MessagingCall[] | 'kafka_housekeeping' | 'kafka_nothing_fetched' {
  const { request, response } = exchange
  if (FOLLOWER.test(request.head.clientId)) return 'kafka_housekeeping'
  const call = { ...callOf(exchange, known), operation: 'poll', type: 'receive' } as const
  if (response === undefined) return 'kafka_nothing_fetched'
  const isCut = response.topics.length === 0 && response.cut
  if (isCut) return [{ ...call, partial: 'kafka_cut' }]
  const calls = response.topics
    .filter(({ error, records }) => error !== 0 || records !== 0)
    .map((topic) => ({
      ...call,
      ...recordsOf(topic, response, known),
      error: errorName(topic.error),
    }))
  if (calls.some(({ destination }) => destination === METADATA_LOG)) return 'kafka_housekeeping'
  return calls.length === 0 ? 'kafka_nothing_fetched' : calls
}

function commitCalls(exchange: KafkaExchange, known: Known): readonly MessagingCall[] {
  const call = { ...callOf(exchange, known), operation: 'commit', type: 'settle' } as const
  const { topics } = known.answer
  if (topics.length === 0) return [call]
  return topics.map(({ name, id, error }) => {
    const destination = name || known.topicOf(id)
    return {
      ...call,
      destination,
      error: exchange.failure || errorName(error),
      partial: destination === '' ? 'topic_unknown' : '',
    }
  })
}
