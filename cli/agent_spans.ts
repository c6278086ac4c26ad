import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { JsonReader } from '../pipeline/codec/json_reader.ts'
import { tracesCodec } from '../pipeline/codec/signal_codec.ts'
import type { Span } from '../pipeline/data/traces.ts'
import { type SpanView, viewsOf } from './span_view.ts'
import { askAgent } from './status_client.ts'

const RETRY_MS = 500

export interface SpanListener {
  span(view: SpanView, span: Span): void
  /** Who is listened to, once for each change, and whether anybody is. */
  state(message: string, isListening: boolean): void
  missed(spans: number): void
}

/** Gives all spans of the running agent, and of the one that comes after it, until `over`. Rejects with `SocketError`. */
export async function followAgent(
  socket: string,
  over: AbortSignal,
  listener: SpanListener,
): Promise<void> {
  let told = ''
  const tell = (message: string, isListening: boolean) => {
    if (message !== told) listener.state(message, isListening)
    told = message
  }
  while (!over.aborted) {
    const response = await askAgent(socket, '/v1/tail')
    if (response === undefined) {
      tell('No agent runs: waiting for one.', false)
      await wait(RETRY_MS, undefined, { signal: over }).catch(() => undefined)
      continue
    }
    tell('Listening to the agent.', true)
    over.addEventListener('abort', () => response.destroy())
    await untilOver(response, (line) => readLine(line, listener))
    told = ''
  }
}

/** The agent may be killed in the middle of a line, and we may be interrupted: that is its end, too. */
function untilOver(response: IncomingMessage, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: response }).on('line', onLine)
  for (const source of [lines, response]) source.on('error', () => undefined) // 'close' follows
  return new Promise((resolve) => response.once('close', resolve))
}

function readLine(line: string, listener: SpanListener): void {
  const data: unknown = JSON.parse(line)
  if (typeof data === 'object' && data !== null && 'missed' in data) {
    listener.missed(Number(data.missed))
    return
  }
  const resource = tracesCodec.fromJson(new JsonReader(data, ''), { tooDeep: 0 })
  for (const [view, span] of viewsOf(resource)) listener.span(view, span)
}

export const missedText = (spans: number): string =>
  `${spans} spans were left out: this reader is too slow.`
