/** What is known of a message by its subject. */
export interface Subject {
  /** Made for one answer, or one client. */
  readonly temporary: boolean
  /** The subject, without the keys that users give. */
  readonly destination: string
  /** An acknowledgement of JetStream, or a call of its API: its name, what it is about, and the consumer. */
  readonly call?: { readonly operation: string; readonly stream: string; readonly consumer: string }
}

const INBOX = /^_(?:INBOX|R_)\./
/** Of an acknowledgement; newer servers put domain and account in front of the stream. */
const ACK = '$JS.ACK.'
const OLD_ACK_WORDS = 9
/** Of a domain, or not. */
const API = /^\$JS(?:\.[^.]+)?\.API\./

/** An answer to what keeps a consumer from being sent too much. */
const FLOW = /^\$JS\.FC\.([^.]+)\.([^.]+)/
/** Of a bucket of keys or objects, which are behind it. */
const KEPT = /^\$(?:KV|O)\.[^.]+/

/** By the first word of an acknowledgement's payload. */
const SETTLES: Readonly<Record<string, string>> = {
  '-NAK': 'nak',
  '+WPI': 'progress',
  '+NXT': 'next',
  '+TERM': 'term',
}

/** Of a message that is handed over by JetStream: the consumer whom its acknowledgement is for. */
export function consumerOf(reply: string): string {
  return isAck(reply) ? ackOf(reply).consumer : ''
}

function ackOf(subject: string): { stream: string; consumer: string } {
  const words = subject.split('.')
  const [stream = '', consumer = ''] = words.slice(words.length <= OLD_ACK_WORDS ? 2 : 4)
  return { stream, consumer }
}

/** Source: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export function subjectOf(subject: string, word: string): Subject {
  const known = { temporary: false, destination: KEPT.exec(subject)?.[0] ?? subject }
  if (INBOX.test(subject)) return { ...known, temporary: true }
  if (isAck(subject)) {
    const operation = SETTLES[/^[-+][A-Z]+/.exec(word)?.[0] ?? ''] ?? 'ack'
    return { ...known, call: { operation, ...ackOf(subject) } }
  }
  const [flow, stream = '', consumer = ''] = FLOW.exec(subject) ?? []
  if (flow !== undefined) return { ...known, call: { operation: 'flow', stream, consumer } }
  const [prefix] = API.exec(subject) ?? []
  if (prefix === undefined) return known
  return { ...known, call: callOf(subject.slice(prefix.length).split('.')) }
}

/** Is something acknowledged by a message with this subject? */
export const isAck = (subject: string): boolean => subject.startsWith(ACK)

/** Words in capitals are the call; stream and consumer are what comes behind them. */
function callOf(words: readonly string[]): NonNullable<Subject['call']> {
  const named = words.findIndex((word) => !WORDS.has(word))
  const end = named < 0 ? words.length : named
  const [stream = '', next = ''] = words.slice(end)
  const operation = words.slice(0, end).join('.').toLowerCase() || 'api'
  return { operation, stream, consumer: operation.startsWith('consumer.') ? next : '' }
}

/** Those that calls consist of: a stream may be called in capitals, too. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'INFO ACCOUNT PURGE META SERVER REMOVE STREAM CREATE UPDATE NAMES LIST DELETE MSG GET SNAPSHOT RESTORE PEER ' +
    'LEADER STEPDOWN CONSUMER DURABLE NEXT PAUSE UNPIN DIRECT MOVE CANCEL_MOVE'
  ).split(' '),
)
