// Node's http and https. Usage: server.mjs PORT LOG [CERT KEY]
import { appendFileSync, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'

const FILES = { small: Buffer.alloc(200, 's'), large: Buffer.alloc(102400, 'l') }
const [port, log, cert, key] = process.argv.slice(2)
const now = () => performance.timeOrigin + performance.now()

const answer = (request, response) => {
  const start = now()
  request.resume()
  request.on('end', () => {
    const file = FILES[request.url.slice(request.url.lastIndexOf('/') + 1)]
    const body = file ?? Buffer.from('nothing here')
    const bytes = request.method === 'HEAD' ? 0 : body.length
    response.writeHead(file ? 200 : 404, { 'content-length': body.length })
    response.end(bytes ? body : undefined)
    response.on('finish', () => {
      const line = {
        path: request.url,
        method: request.method,
        status: response.statusCode,
        start,
        end: now(),
        bytes,
      }
      appendFileSync(log, `${JSON.stringify(line)}\n`)
    })
  })
}

const server = cert
  ? https.createServer(
      { cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ['http/1.1'] },
      answer,
    )
  : http.createServer(answer)
// Not the default of 5 s: a client that gets no CPU for so long would write to a closed connection.
server.keepAliveTimeout = 3_600_000
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () => console.log('ready'))
