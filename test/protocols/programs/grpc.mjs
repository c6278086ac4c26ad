// gRPC on grpc-js: `node grpc.mjs FOLDER PORT server`, or `node grpc.mjs FOLDER PORT ROUNDS`, a client of all four kinds of calls.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const grpc = createRequire(`${folder}/`)('@grpc/grpc-js')
const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() }
const method = (name, requestStream, responseStream) => ({
  path: `/weir.test.Shop/${name}`,
  requestStream,
  responseStream,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
})
const service = {
  One: method('One', false, false),
  Many: method('Many', true, false),
  List: method('List', false, true),
  Talk: method('Talk', true, true),
  Fail: method('Fail', false, false),
}

function serve() {
  const server = new grpc.Server()
  server.addService(service, {
    One: (call, done) => done(null, call.request),
    Many: (call, done) => call.on('data', () => undefined).on('end', () => done(null, 'all')),
    List: (call) => {
      for (const word of ['a', 'b', 'c']) call.write(word)
      call.end()
    },
    Talk: (call) => call.on('data', (word) => call.write(word)).on('end', () => call.end()),
    Fail: (_, done) => done({ code: grpc.status.NOT_FOUND, details: 'none' }),
  })
  server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), () =>
    process.stdout.write('ready\n'),
  )
}

const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
/** Resolves with the status of a call that sends `words`. */
const call = ({ path, requestStream, responseStream }, words) =>
  new Promise((resolve) => {
    const kind = `make${requestStream ? (responseStream ? 'Bidi' : 'Client') : responseStream ? 'Server' : 'Unary'}${requestStream || responseStream ? 'Stream' : ''}Request`
    const first = requestStream ? [] : words
    const last = responseStream ? [] : [() => undefined]
    const started = client[kind](path, text.serialize, text.deserialize, ...first, ...last)
    started.on('error', () => undefined).on('status', ({ code }) => resolve(grpc.status[code]))
    if (responseStream) started.resume()
    if (!requestStream) return
    for (const word of words) started.write(word)
    started.end()
  })

async function ask() {
  process.stdout.write('ready\n')
  const told = () => new Promise((resolve) => process.stdin.once('data', resolve))
  await told()
  for (let i = 0; i < Number(rounds); i++) {
    assert.equal(await call(service.One, ['x']), 'OK')
    assert.equal(await call(service.Many, ['x', 'y', 'z']), 'OK')
    assert.equal(await call(service.List, ['x']), 'OK')
    assert.equal(await call(service.Talk, ['x', 'y', 'z']), 'OK')
    assert.equal(await call(service.Fail, ['x']), 'NOT_FOUND')
  }
  await told()
  client.close()
  process.stdin.destroy()
}

if (rounds === 'server') serve()
else await ask()
