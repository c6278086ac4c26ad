/**
 * A process of its own: sends requests over several connections, each as soon as the last was answered.
 * Arguments: `http` or `grpc`, port, connections. Told over IPC to `send` a number of requests, to `run` for
 * milliseconds, and says how it went.
 */
import http2 from 'node:http2'
import { connect, type Socket } from 'node:net'
import { payload, SPANS } from './pipeline_payload.ts'

export interface LoadReport {
  readonly spans: number
  readonly refused: number
}

export type LoadOrder = { readonly requests: number } | { readonly milliseconds: number }

/** Resolves with whether the request was taken. */
type Exchange = () => Promise<boolean>

const REFUSED_PAUSE_MS = 20
const PAYLOADS = 16 // different requests, sent in turn, so that nothing in the agent can remember them
const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

function inTurn<T>(list: readonly T[]): () => T {
  let n = 0
  return () => list[n++ % list.length] as T
}

/** A client that reads no more of HTTP than it must, so that the load costs little beside the agent. */
function httpConnection(port: number, bodies: readonly Uint8Array[]): Promise<Exchange> {
  const head = (length: number) =>
    `POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`
  const next = inTurn(bodies.map((one) => Buffer.concat([Buffer.from(head(one.length)), one])))
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      resolve(() => {
        socket.write(next())
        return httpAnswer(socket)
      }),
    )
    socket.on('error', reject)
  })
}

function httpAnswer(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let text = ''
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      socket.off('data', read)
      resolve(text.startsWith('HTTP/1.1 200'))
    }
    socket.on('data', read)
  })
}

/** The 5 bytes before each message: not compressed, length. */
function grpcFrame(body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(body.length, 1)
  return Buffer.concat([prefix, body])
}

async function grpcConnection(port: number, bodies: readonly Uint8Array[]): Promise<Exchange> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  await new Promise((resolve, reject) => {
    session.once('connect', resolve)
    session.once('error', reject)
  })
  const next = inTurn(bodies.map(grpcFrame))
  const headers = {
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  }
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers)
      let status: unknown
      stream.on('response', (trailersOnly) => {
        status = trailersOnly['grpc-status']
      })
      stream.on('trailers', (trailers) => {
        status = trailers['grpc-status']
      })
      stream.on('error', reject)
      stream.on('close', () => resolve(String(status) === '0'))
      stream.resume()
      stream.end(next())
    })
}

async function work(exchange: Exchange, goOn: () => boolean): Promise<LoadReport> {
  let spans = 0
  let refused = 0
  while (goOn()) {
    if (await exchange()) spans += SPANS
    else {
      refused += 1
      await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS))
    }
  }
  return { spans, refused }
}

function untilDone(order: LoadOrder): () => boolean {
  if ('milliseconds' in order) {
    const end = performance.now() + order.milliseconds
    return () => performance.now() < end
  }
  let left = order.requests
  return () => left-- > 0
}

const [protocol, port = '', connections = '4'] = process.argv.slice(2)
const bodies = Array.from({ length: PAYLOADS }, (_, n) => payload(n))
const open = protocol === 'grpc' ? grpcConnection : httpConnection
const exchanges = await Promise.all(
  Array.from({ length: Number(connections) }, () => open(Number(port), bodies)),
)

process.on('message', async (order: LoadOrder) => {
  const goOn = untilDone(order)
  const reports = await Promise.all(exchanges.map((one) => work(one, goOn)))
  const report: LoadReport = {
    spans: reports.reduce((sum, one) => sum + one.spans, 0),
    refused: reports.reduce((sum, one) => sum + one.refused, 0),
  }
  process.send?.(report)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
