// gRPC-Web: `node grpc_web.mjs FOLDER PORT server 1.1` (or 2) serves it by connect-node, `node grpc_web.mjs FOLDER PORT ROUNDS CLIENT` asks,
// by connect-node (1.1, 2) or by Google's own library for browsers (binary, text).
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createServer2 } from 'node:http2'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, port, rounds, form] = process.argv.slice(2)
const require = createRequire(`${folder}/`)
const bring = async (name) => import(pathToFileURL(require.resolve(name)).href)
const { create, createFileRegistry, fromBinary, toBinary } = await bring('@bufbuild/protobuf')
const wkt = await bring('@bufbuild/protobuf/wkt')

const TEXT = '.google.protobuf.StringValue'
const method = (name, serverStreaming) => ({
  name,
  inputType: TEXT,
  outputType: TEXT,
  serverStreaming,
})
const methods = [method('One'), method('Large'), method('Fail'), method('List', true)]
const file = create(wkt.FileDescriptorProtoSchema, {
  name: 'shop.proto',
  package: 'weir.test',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [{ name: 'Shop', method: methods }],
})
const Shop = createFileRegistry(file, () => wkt.file_google_protobuf_wrappers).getService(
  'weir.test.Shop',
)
const LARGE = 'l'.repeat(20_000)
const url = `http://127.0.0.1:${port}`

async function serve() {
  const { Code, ConnectError } = await bring('@connectrpc/connect')
  const { connectNodeAdapter } = await bring('@connectrpc/connect-node')
  const routes = (router) =>
    router.service(Shop, {
      one: (request) => request,
      large: () => ({ value: LARGE }),
      fail: () => {
        throw new ConnectError('none', Code.NotFound)
      },
      list: async function* () {
        for (const value of ['a', 'b', 'c']) yield { value }
      },
    })
  const server = form === '2' ? createServer2 : createServer
  server(connectNodeAdapter({ routes })).listen(Number(port), '127.0.0.1', () =>
    process.stdout.write('ready\n'),
  )
}

/** What each call gives: the texts that came, or the code of its error. */
async function byConnect() {
  const { createClient, ConnectError } = await bring('@connectrpc/connect')
  const { createGrpcWebTransport } = await bring('@connectrpc/connect-node')
  const client = createClient(Shop, createGrpcWebTransport({ baseUrl: url, httpVersion: form }))
  return async (name) => {
    const call = name.toLowerCase()
    const values = []
    try {
      if (call === 'list')
        for await (const { value } of client.list({ value: 'x' })) values.push(value)
      else values.push((await client[call]({ value: 'x' })).value)
      return values.join()
    } catch (error) {
      return ConnectError.from(error).code
    }
  }
}

async function byGoogle() {
  globalThis.XMLHttpRequest = require('xhr2')
  const { GrpcWebClientBase, MethodDescriptor, MethodType } = require('grpc-web')
  const client = new GrpcWebClientBase({ format: form })
  const encode = (value) =>
    toBinary(wkt.StringValueSchema, create(wkt.StringValueSchema, { value }))
  const decode = (bytes) => fromBinary(wkt.StringValueSchema, bytes).value
  return (name) =>
    new Promise((resolve) => {
      const path = `/weir.test.Shop/${name}`
      const isStream = name === 'List'
      const type = isStream ? MethodType.SERVER_STREAMING : MethodType.UNARY
      const descriptor = new MethodDescriptor(path, type, Object, Object, encode, decode)
      if (!isStream) {
        const done = (error, value) => resolve(error?.code ?? value)
        client.rpcCall(url + path, 'x', {}, descriptor, done)
        return
      }
      const values = []
      const stream = client.serverStreaming(url + path, 'x', {}, descriptor)
      stream.on('data', (value) => values.push(value))
      stream.on('error', ({ code }) => resolve(code))
      stream.on('end', () => resolve(values.join()))
    })
}

async function ask() {
  const call = await (/^[\d.]+$/.test(form) ? byConnect() : byGoogle())
  const told = () => new Promise((resolve) => process.stdin.once('data', resolve))
  process.stdout.write('ready\n')
  await told()
  for (let i = 0; i < Number(rounds); i++) {
    assert.equal(await call('One'), 'x')
    assert.equal(await call('Fail'), 5)
    assert.equal(await call('Large'), LARGE)
    // Google's knows streams in text alone.
    if (form !== 'binary') assert.equal(await call('List'), 'a,b,c')
  }
  await told()
  process.exit(0)
}

if (rounds === 'server') await serve()
else await ask()
