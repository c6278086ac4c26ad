/** Takes traces by OTLP and passes them on to argv[2], as a proxy does; answers everything else itself. */
import { createServer } from 'node:http'

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.end('ok')
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { 'content-type': type } = request.headers
  const answer = await fetch(process.argv[2] + request.url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.concat(chunks),
  })
  response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
