import { KEYS } from './apis.ts'
import { Fields } from './fields.ts'

/** A topic that an answer tells of: by name, by id in hex, or both. */
export interface ToldTopic {
  readonly name: string
  readonly id: string
  /** The first of its partitions' that is none of 0. */
  readonly error: number
}

/** What an answer without records says. */
export interface Answer {
  readonly error: number
  readonly topics: readonly ToldTopic[]
}

export const NO_ANSWER: Answer = { error: 0, topics: [] }

const MAX_TOPICS = 2000
/** The first versions of OffsetCommit and Produce that name topics by id. */
const COMMIT_IDS = 10
const PRODUCE_IDS = 13
const GROUP = 0

/** The consumer group that a request is about; undefined of requests that are about none. Throttle times come first in answers. */
const GROUP_READERS: Readonly<Record<number, (fields: Fields, version: number) => string>> = {
  [KEYS.offsetCommit]: (fields) => fields.text(),
  [KEYS.joinGroup]: (fields) => fields.text(),
  [KEYS.leaveGroup]: (fields) => fields.text(),
  [KEYS.syncGroup]: (fields) => fields.text(),
  [KEYS.heartbeat]: (fields) => fields.text(),
  [KEYS.groupHeartbeat]: (fields) => fields.text(),
  [KEYS.offsetFetch]: (fields, version) => (version < 8 || fields.count() > 0 ? fields.text() : ''),
  [KEYS.findCoordinator]: coordinated,
  [KEYS.addOffsetsToTxn]: (fields) => {
    fields.text()
    fields.skip(10)
    return fields.text()
  },
  [KEYS.txnOffsetCommit]: (fields) => {
    fields.text()
    return fields.text()
  },
}

/** A group, or what else may have a coordinator. */
function coordinated(fields: Fields, version: number): string {
  const key = version < 4 ? fields.text() : ''
  const type = version >= 1 ? fields.i8() : GROUP
  const first = version >= 4 && fields.count() > 0 ? fields.text() : key
  return type === GROUP ? first : ''
}

const ANSWER_READERS: Readonly<Record<number, (fields: Fields, version: number) => Answer>> = {
  [KEYS.produce]: produceAnswer,
  [KEYS.listOffsets]: (fields, version) =>
    topicsAnswer(fields, version >= 2, false, version >= 4 ? 20 : 16),
  [KEYS.metadata]: metadataAnswer,
  [KEYS.offsetCommit]: (fields, version) =>
    topicsAnswer(fields, version >= 3, version >= COMMIT_IDS),
  [KEYS.txnOffsetCommit]: (fields) => topicsAnswer(fields, true, false),
  [KEYS.findCoordinator]: coordinatorAnswer,
  [KEYS.joinGroup]: (fields, version) => errorAnswer(fields, version >= 2),
  [KEYS.leaveGroup]: (fields, version) => errorAnswer(fields, version >= 1),
  [KEYS.syncGroup]: (fields, version) => errorAnswer(fields, version >= 1),
  [KEYS.createTopics]: createAnswer,
  [KEYS.initProducerId]: (fields) => errorAnswer(fields, true),
  [KEYS.addPartitionsToTxn]: (fields, version) =>
    version >= 4 ? errorAnswer(fields, true) : NO_ANSWER,
  [KEYS.addOffsetsToTxn]: (fields) => errorAnswer(fields, true),
  [KEYS.endTxn]: (fields) => errorAnswer(fields, true),
}

function errorAnswer(fields: Fields, throttled: boolean): Answer {
  if (throttled) fields.skip(4)
  return { error: fields.i16(), topics: [] }
}

/** Reads up to `MAX_TOPICS`, as far as they are at hand. */
function readTopics(fields: Fields, read: () => ToldTopic): ToldTopic[] {
  const topics: ToldTopic[] = []
  const count = Math.min(fields.count(), MAX_TOPICS)
  for (let i = 0; i < count; i++) {
    const topic = read()
    if (fields.short || fields.wrong) break
    topics.push(topic)
  }
  return topics
}

/** The first error of partitions, of which `read` takes one. */
function partitionsError(fields: Fields, read: () => number): number {
  let error = 0
  for (let left = fields.count(); left > 0 && !fields.short && !fields.wrong; left--) {
    const one = read()
    if (error === 0) error = one
  }
  return error
}

/** `more`: bytes of a partition behind its error. */
function topicsAnswer(fields: Fields, throttled: boolean, byId: boolean, more = 0): Answer {
  if (throttled) fields.skip(4)
  const topics = readTopics(fields, () => {
    const topic = { name: byId ? '' : fields.text(), id: byId ? fields.uuid() : '' }
    const error = partitionsError(fields, () => {
      fields.skip(4)
      const one = fields.i16()
      fields.skip(more)
      fields.tags()
      return one
    })
    fields.tags()
    return { ...topic, error }
  })
  return { error: 0, topics }
}

function produceAnswer(fields: Fields, version: number): Answer {
  const byId = version >= PRODUCE_IDS
  const topics = readTopics(fields, () => {
    const topic = { name: byId ? '' : fields.text(), id: byId ? fields.uuid() : '' }
    const error = partitionsError(fields, () => producedError(fields, version))
    fields.tags()
    return { ...topic, error }
  })
  return { error: 0, topics }
}

function producedError(fields: Fields, version: number): number {
  fields.skip(4)
  const error = fields.i16()
  fields.skip(8 + (version >= 2 ? 8 : 0) + (version >= 5 ? 8 : 0))
  for (let left = version >= 8 ? fields.count() : 0; left > 0 && !fields.short; left--) {
    fields.skip(4)
    fields.text()
    fields.tags()
  }
  if (version >= 8) fields.text()
  fields.tags()
  return error
}

function coordinatorAnswer(fields: Fields, version: number): Answer {
  if (version >= 1) fields.skip(4)
  if (version < 4) return { error: fields.i16(), topics: [] }
  if (fields.count() === 0) return NO_ANSWER
  fields.text()
  fields.skip(4)
  fields.text()
  fields.skip(4)
  return { error: fields.i16(), topics: [] }
}

function metadataAnswer(fields: Fields, version: number): Answer {
  if (version >= 3) fields.skip(4)
  for (let left = fields.count(); left > 0 && !fields.short && !fields.wrong; left--) {
    fields.skip(4)
    fields.text()
    fields.skip(4)
    if (version >= 1) fields.text()
    fields.tags()
  }
  if (version >= 2) fields.text()
  if (version >= 1) fields.skip(4)
  const topics = readTopics(fields, () => describedTopic(fields, version))
  return { error: topics.find(({ error }) => error !== 0)?.error ?? 0, topics }
}

function describedTopic(fields: Fields, version: number): ToldTopic {
  const error = fields.i16()
  const name = fields.text()
  const id = version >= 10 ? fields.uuid() : ''
  if (version >= 1) fields.skip(1)
  for (let left = fields.count(); left > 0 && !fields.short && !fields.wrong; left--) {
    fields.skip(10 + (version >= 7 ? 4 : 0))
    fields.skip(4 * fields.count())
    fields.skip(4 * fields.count())
    if (version >= 5) fields.skip(4 * fields.count())
    fields.tags()
  }
  if (version >= 8) fields.skip(4)
  fields.tags()
  return { name, id, error }
}

/** The first topic alone: few create more at once. */
function createAnswer(fields: Fields, version: number): Answer {
  if (version >= 2) fields.skip(4)
  if (fields.count() === 0) return NO_ANSWER
  const name = fields.text()
  const id = version >= 7 ? fields.uuid() : ''
  const error = fields.i16()
  return fields.short ? NO_ANSWER : { error, topics: [{ name, id, error }] }
}

/** Does the request's body say what weir wants to know? */
export const hasGroup = (key: number): boolean => GROUP_READERS[key] !== undefined

export const hasAnswer = (key: number): boolean => ANSWER_READERS[key] !== undefined

/** '' where there is none, or it was not captured. */
export function groupOf(key: number, version: number, flexible: boolean, body: Buffer): string {
  const fields = new Fields(body, flexible)
  fields.tags()
  const group = GROUP_READERS[key]?.(fields, version) ?? ''
  return fields.short || fields.wrong ? '' : group
}

/** As much of it as was captured. */
export function answerOf(key: number, version: number, flexible: boolean, body: Buffer): Answer {
  const fields = new Fields(body, flexible)
  fields.tags()
  const answer = ANSWER_READERS[key]?.(fields, version) ?? NO_ANSWER
  return fields.wrong ? NO_ANSWER : answer
}
