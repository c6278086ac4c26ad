/**
 * A process of its own: takes OTLP over HTTP and gRPC and answers at once. First it counts the spans in what
 * it gets; told `discard` over IPC it only reads. Says its two ports, and on `count` what it has counted.
 */
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { tracesCodec } from '../pipeline/codec/signal_codec.ts'
import { scanRequest } from '../pipeline/data/request.ts'

export interface SinkPorts {
  readonly http: number
  readonly grpc: number
}

const GRPC_PREFIX = 5 // a byte that says whether the message is compressed, and its length
const WINDOW = 16 << 20

let counting = true
let spans = 0

function take(stream: Readable, toMessage: (bytes: Buffer) => Buffer, answer: () => void): void {
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => counting && parts.push(part))
  stream.on('end', () => {
    if (parts.length > 0) spans += countSpans(toMessage(Buffer.concat(parts)))
    answer()
  })
}

function countSpans(message: Buffer): number {
  const scanned = scanRequest(tracesCodec, message, () => undefined)
  if (scanned.kind === 'invalid') throw new Error(`the sink got no OTLP: ${scanned.reason}`)
  return scanned.batch.count
}

const grpcMessage = (bytes: Buffer) => {
  const message = bytes.subarray(GRPC_PREFIX)
  return bytes[0] === 1 ? gunzipSync(message) : message
}

const overHttp = http.createServer((request, response) => {
  const zipped = request.headers['content-encoding'] === 'gzip'
  take(
    request,
    (bytes) => (zipped ? gunzipSync(bytes) : bytes),
    () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
  )
})

const overGrpc = http2.createServer({ settings: { initialWindowSize: WINDOW } })
overGrpc.on('session', (session) => session.setLocalWindowSize(WINDOW))
overGrpc.on('stream', (stream: http2.ServerHttp2Stream) => {
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.on('error', () => undefined)
  take(stream, grpcMessage, () => stream.end(Buffer.alloc(GRPC_PREFIX)))
})

async function listen(server: http.Server | http2.Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

process.on('message', (order: 'count' | 'discard') => {
  if (order === 'count') process.send?.(spans)
  else counting = false
})
process.on('disconnect', () => process.exit())
process.send?.({ http: await listen(overHttp), grpc: await listen(overGrpc) } satisfies SinkPorts)
