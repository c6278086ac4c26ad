import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { lastAccount } from '../faults/account.ts'
import { full } from '../size.ts'
import { type Agent, startAgent } from '../truth/agent.ts'
import { type ReceivedSpan, type Sink, startSink } from '../truth/sink.ts'

export const run = promisify(execFile)

/** What is awaited ends a wait at once: this is for an agent that gets no CPU. */
const QUIET_MS = 20_000

/** What 64 connections do in a moment, and whatever else this machine does then: these tests are about what is read, not how fast. */
const ROOM = { rings: { size: full ? '128MiB' : '64MiB' } }

export interface Watch {
  readonly spans: readonly ReceivedSpan[]
  /** Resolves once `enough` says so, or when nothing has come for a while. */
  settled(enough: () => boolean, quietMs?: number): Promise<void>
  /** All that was received, as one text. */
  text(): string
  stop(): Promise<void>
}

/** Watches every process of the machine from now on: which is watched, programs of a moment must not have to wait for. */
export async function startWatching(): Promise<Watch> {
  const sink: Sink = await startSink()
  const agent: Agent = await startAgent({ endpoint: sink.endpoint, ...ROOM })
  const listed = (_: string, value: unknown) => (value instanceof Map ? [...value] : value)
  return {
    spans: sink.spans,
    settled: (enough, quietMs = QUIET_MS) => sink.settled(enough, quietMs),
    text: () => JSON.stringify(sink.spans, listed),
    stop: async () => {
      await agent.stop()
      await sink.close()
      const { lost, text } = lastAccount(agent)
      if (lost > 0 || full) process.stdout.write(`  note: ${text}\n`)
    },
  }
}

/** How often each word comes, sorted by the words. */
export function countOf(words: readonly string[]): [word: string, count: number][] {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
