import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { ReceivedSpan } from '../truth/sink.ts'
import type { Started } from './started.ts'
import type { Watch } from './watch.ts'

/** Messages that a broker has taken from clients, and handed over. */
export interface Counted {
  readonly taken: number
  readonly given: number
}

const KINDS: Readonly<Record<string, string>> = { publish: 'producer', deliver: 'consumer' }

export const operationOf = ({ attributes }: ReceivedSpan): string =>
  String(attributes.get('messaging.operation.name'))

/** What serves to recognise a connection is sent to a name that ends so, and counted by itself. */
const isOld = ({ attributes }: ReceivedSpan) =>
  String(attributes.get('messaging.destination.name')).endsWith('old')

/** The spans of messages of one system, of a broker or its clients. */
export const messagesOf = (watch: Watch, system: string, isServer: boolean): ReceivedSpan[] =>
  watch.spans.filter(
    ({ attributes, kind }) =>
      attributes.get('messaging.system') === system && (kind === 'server') === isServer,
  )

function told(watch: Watch, system: string, isServer: boolean): Counted {
  const messages = messagesOf(watch, system, isServer).filter((span) => !span.error && !isOld(span))
  const given = messages.filter((span) => operationOf(span) === 'deliver').length
  return { taken: messages.length - given, given }
}

/** Waits until the broker and its clients have told of as many as it has counted. */
export async function settle(watch: Watch, system: string, wanted: Counted): Promise<void> {
  const isTold = (isServer: boolean) =>
    JSON.stringify(told(watch, system, isServer)) === JSON.stringify(wanted)
  await watch.settled(() => isTold(true) && isTold(false))
  assert.deepEqual(told(watch, system, true), wanted, 'of the broker')
  assert.deepEqual(told(watch, system, false), wanted, 'of clients')
  for (const span of messagesOf(watch, system, false))
    assert.equal(span.kind, KINDS[operationOf(span)] ?? 'client')
  assert.ok(wanted.taken > 0 && wanted.given > 0)
  assert.doesNotMatch(watch.text(), /SECRET/)
}

/** Lets a client that is older than weir send itself a little until all of it is read on both sides; returns how often it has. */
export async function join(
  watch: Watch,
  system: string,
  client: Started,
  name: string,
): Promise<number> {
  const isSeen = () =>
    [true, false].every((isServer) =>
      Object.keys(KINDS).every((operation) =>
        messagesOf(watch, system, isServer).some((span) => span.name === `${operation} ${name}`),
      ),
    )
  let times = 0
  for (; times < 300 && !isSeen(); times++) {
    client.tell('once more')
    await setTimeout(100)
  }
  assert.ok(isSeen(), `the connection is recognised: ${name}`)
  return times
}
