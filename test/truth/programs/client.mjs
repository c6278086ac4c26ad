// Node's http.Agent (keep-alive) and fetch. Usage: client.mjs <SPEC
import http from 'node:http'
import https from 'node:https'
import { createInterface } from 'node:readline'

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
process.removeAllListeners('warning')
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const spec = JSON.parse((await lines.next()).value)
const now = () => performance.timeOrigin + performance.now()
const transport = spec.base.startsWith('https') ? https : http
const work = spec.requests[Symbol.iterator]()

const report = (request, status, start, bytes) =>
  console.log(
    JSON.stringify({
      path: request.path,
      method: request.method,
      status,
      start,
      end: now(),
      bytes,
    }),
  )

const kept = (agent, request) =>
  new Promise((resolve, reject) => {
    const start = now()
    const headers = request.body ? { 'content-length': Buffer.byteLength(request.body) } : {}
    const call = transport.request(spec.base + request.path, {
      agent,
      method: request.method,
      headers,
    })
    call.on('error', reject)
    call.on('response', (response) => {
      let bytes = 0
      response.on('data', (data) => {
        bytes += data.length
      })
      response.on('end', () => {
        report(request, response.statusCode, start, bytes)
        resolve()
      })
    })
    call.end(request.body)
  })

const each = async (request) => {
  const start = now()
  const response = await fetch(spec.base + request.path, {
    method: request.method,
    body: request.body,
    headers: { connection: 'close' },
  })
  report(request, response.status, start, (await response.arrayBuffer()).byteLength)
}

const agents = Array.from(
  { length: spec.connections },
  () => new transport.Agent({ keepAlive: true, maxSockets: 1 }),
)
if (spec.hold) {
  for (const [index, agent] of agents.entries()) {
    await kept(agent, { path: `/r/hold-${index}/small`, method: 'GET' })
  }
  console.log('held')
  await lines.next()
}
await Promise.all(
  agents.map(async (agent) => {
    for (const request of work) await (spec.keepAlive ? kept(agent, request) : each(request))
  }),
)
// What it has reported may still be on its way into the pipe.
process.stdout.write('', () => process.exit(0))
