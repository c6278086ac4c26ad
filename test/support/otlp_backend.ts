import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { SignalCodec } from '../../pipeline/codec/signal_codec.ts'
import { readJsonRequest, scanRequest } from '../../pipeline/data/request.ts'

/** A request as it came, its body decompressed. */
export interface Taken {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** A backend on a free loopback port that keeps every request. */
export async function startBackend() {
  const taken: Taken[] = []
  let wake: () => void = () => undefined
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
      taken.push({ path: request.url ?? '', headers: request.headers, body: plain })
      response.end()
      wake()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    taken,
    /** The first value that is found in all requests so far, or in those to come. */
    async find<T>(look: (all: readonly Taken[]) => T | undefined): Promise<T> {
      for (;;) {
        const found = look(taken)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    close: () => void server.close(),
  }
}

/** The resources of a request in OTLP, JSON or protobuf. */
export function readTaken<R>(codec: SignalCodec<R>, { headers, body }: Taken): readonly R[] {
  const json = headers['content-type'] === 'application/json'
  const result = (json ? readJsonRequest : scanRequest)(codec, body, () => undefined)
  assert.ok(result.kind === 'batch')
  return result.batch.resources()
}
