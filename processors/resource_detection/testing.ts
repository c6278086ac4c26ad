import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { testContext } from '../../test/support/context.ts'
import { schema } from './config.ts'
import { Detection } from './detection.ts'
import type { World } from './world.ts'

type Answers = Readonly<Record<string, string>>

/** A metadata service that knows these paths. `guard` says why a request is refused. */
export async function metadata(
  t: TestContext,
  answers: Answers,
  guard: (request: http.IncomingMessage) => boolean = () => true,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const server = http.createServer((request, response) => {
    const body = answers[`${request.method === 'PUT' ? 'PUT ' : ''}${request.url}`]
    const status = !guard(request) ? 401 : body === undefined ? 404 : 200
    response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Nothing listens on port 9. */
const NOWHERE = 'http://127.0.0.1:9'

export async function detected(
  config: object,
  world: Partial<World>,
): Promise<Record<string, unknown>> {
  const { ctx } = testContext()
  const none: World = {
    env: {},
    hostname: () => 'h',
    read: () => '',
    metadata: NOWHERE,
    probeMs: 30_000,
  }
  const detection = new Detection(ctx, schema.parse(config), { ...none, ...world })
  await detection.start()
  detection.stop()
  return Object.fromEntries(
    detection.attributes.map(({ key, value }) => [
      key,
      value.kind === 'array' ? value.value.map((one) => Object(one).value) : Object(value).value,
    ]),
  )
}
