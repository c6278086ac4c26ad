// gRPC-Web: `node grpc_web.mjs FOLDER ORIGIN server 1.1` (or 2) serves it by connect-node, `node grpc_web.mjs FOLDER ORIGIN ROUNDS CLIENT` asks,
// by connect-node (1.1, 2) or by Google's own library for browsers (binary, text). A server at an origin of https takes its certificate and key, too.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createServer2, createSecureServer as createTlsServer2 } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, origin, rounds, form, cert, key] = process.argv.slice(2)
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

/** By its version of HTTP: in the clear, and over TLS. */
const SERVERS = {
  1.1: [createServer, createTlsServer],
  2: [createServer2, createTlsServer2],
}

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
  const { protocol, port, hostname } = new URL(origin)
  const [plain, tls] = SERVERS[form]
  const handler = connectNodeAdapter({ routes })
  const server =
    protocol === 'https:'
      ? tls({ cert: readFileSync(cert), key: readFileSync(key) }, handler)
      : plain(handler)
  server.listen(Number(port), hostname, () => process.stdout.write('ready\n'))
}

/** What each call gives: the texts that came, or the code of its error. */
async function byConnect() {
  const { createClient, ConnectError } = await bring('@connectrpc/connect')
  const { createGrpcWebTransport } = await bring('@connectrpc/connect-node')
  const client = createClient(Shop, createGrpcWebTransport({ baseUrl: origin, httpVersion: form }))
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
        client.rpcCall(origin + path, 'x', {}, descriptor, done)
        return
      }
      const values = []
      const stream = client.serverStreaming(origin + path, 'x', {}, descriptor)
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
