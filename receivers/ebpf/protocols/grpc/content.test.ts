import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GrpcContent } from './content.ts'
import { type GrpcKind, grpcKind } from './content_type.ts'

const frame = (flag: number, content: string | Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, Buffer.from(content)])
}
const message = (bytes: number) => frame(0, Buffer.alloc(bytes, 'm'))
const OK = frame(0x80, 'grpc-status: 0\r\ngrpc-message: \r\n')
const LOW = frame(0x80, 'x-cost: 7\r\ngrpc-status:13\r\n')
const all = (...parts: Buffer[]) => Buffer.concat(parts)
const text = (...parts: Buffer[]) =>
  Buffer.from(parts.map((part) => part.toString('base64')).join(''))

type Case = [
  name: string,
  kind: GrpcKind,
  content: Buffer,
  count: number | undefined,
  status: string,
]

const cases: Case[] = [
  ['nothing', 'web', Buffer.alloc(0), 0, ''],
  ['a message and trailers', 'web', all(message(3), OK), 1, '0'],
  [
    'messages, an empty one among them',
    'web',
    all(message(3), message(0), message(300), LOW),
    3,
    '13',
  ],
  ['trailers alone', 'web', LOW, 0, '13'],
  [
    'trailers without a status',
    'web',
    all(message(1), frame(0x80, 'x: grpc-status: 3\r\n')),
    1,
    '',
  ],
  [
    'trailers of 2000 bytes',
    'web',
    all(message(1), frame(0x80, `x: ${'y'.repeat(1995)}\r\n`)),
    1,
    '',
  ],
  ['in base64, padded where it was written', 'text', text(message(3), message(2), OK), 2, '0'],
  ['in base64, at once', 'text', text(all(message(3), message(2), OK)), 2, '0'],
  ['gRPC has no such trailers', 'grpc', all(message(3), OK), undefined, ''],
  ['no flag', 'web', all(message(3), frame(7, 'x')), undefined, ''],
]

describe('content of gRPC', () => {
  for (const [name, kind, content, count, status] of cases) {
    test(`${name}, cut anywhere`, () => {
      for (let cut = 1; cut <= content.length + 1; cut++) {
        const read = new GrpcContent(kind)
        for (let at = 0; at < content.length; at += cut) {
          const piece = content.subarray(at, at + cut)
          read.add(piece, 0, piece.length)
        }
        assert.equal(read.count, count, `${cut}`)
        assert.equal(read.status, status, `${cut}`)
      }
    })
  }

  test('bytes of a message need not be seen, its prefix must', () => {
    const read = new GrpcContent('web')
    read.add(message(100).subarray(0, 20), 0, 105)
    assert.equal(read.count, 1)
    read.add(Buffer.alloc(0), 0, 10)
    assert.equal(read.count, undefined)
    read.add(all(Buffer.from('rest'), LOW), 0, 4 + LOW.length)
    assert.equal(read.status, '13')
  })

  test('an end that is found without what was before it', () => {
    const nine = frame(0x80, 'grpc-status:9\r\n')
    const rows: [GrpcKind, Buffer, string][] = [
      ['web', all(Buffer.from('7f\r\nxx'), OK), '0'],
      ['text', all(Buffer.from('1c\r\n'), text(LOW), Buffer.from('\r\n0\r\n\r\n')), '13'],
      ['text', all(Buffer.from('1c\r\n'), text(nine), Buffer.from('\r\n')), '9'],
      ['grpc', nine, ''],
      ['web', nine.subarray(0, 4), ''],
    ]
    for (const [kind, content, status] of rows) {
      const read = new GrpcContent(kind)
      read.find(content)
      assert.equal(read.status, status)
    }
  })

  test('content types', () => {
    const kinds = {
      'application/grpc': 'grpc',
      'application/grpc+json': 'grpc',
      'application/grpc-web': 'web',
      'application/grpc-web+proto': 'web',
      'application/grpc-web; charset=utf-8': 'web',
      'application/grpc-web-text': 'text',
      'application/grpc-web-text+proto': 'text',
      'application/grpc-webs': '',
      'application/grpcx': '',
      'text/grpc': '',
      '': '',
    }
    for (const [type, kind] of Object.entries(kinds)) assert.equal(grpcKind(type), kind, type)
  })
})
