import type { ServerResponse } from 'node:http'
import type { TraceBatch } from '../../../pipeline/data/batch.ts'

/** Bytes that wait for one who reads slowly; what comes beyond is left out, and that is said. */
const WAITING_MAX = 4 << 20

interface Listener {
  readonly response: ServerResponse
  /** Spans left out since the last line. */
  missed: number
}

/** Spans as they leave, for who listens on the socket: a line of OTLP's JSON for each resource. Nothing is decoded while nobody does. */
export class Tail {
  readonly #listeners = new Set<Listener>()

  listen(response: ServerResponse): void {
    const listener = { response, missed: 0 }
    this.#listeners.add(listener)
    response.on('close', () => this.#listeners.delete(listener))
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
  }

  send(batch: TraceBatch): void {
    if (this.#listeners.size === 0) return
    const lines = batch.resources().map((data) => `${JSON.stringify(batch.codec.toJson(data))}\n`)
    const text = lines.join('')
    for (const listener of this.#listeners) write(listener, text, batch.count)
  }
}

function write(listener: Listener, text: string, spans: number): void {
  const { response } = listener
  if (response.writableLength > WAITING_MAX) {
    listener.missed += spans
    return
  }
  if (listener.missed > 0) response.write(`{"missed":${listener.missed}}\n`)
  listener.missed = 0
  response.write(text)
}
