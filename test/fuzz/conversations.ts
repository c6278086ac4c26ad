import { deflateSync, zstdCompressSync } from 'node:zlib'
import { lz4 } from '../../pipeline/net/lz4.ts'
import { snappyBlock } from '../../pipeline/net/snappy.ts'
import * as mq from '../../receivers/ebpf/protocols/amqp/testing.ts'
import * as dns from '../../receivers/ebpf/protocols/dns/testing.ts'
import * as h2 from '../../receivers/ebpf/protocols/http2/testing.ts'
import * as kafka from '../../receivers/ebpf/protocols/kafka/testing.ts'
import * as mc from '../../receivers/ebpf/protocols/memcached/testing.ts'
import * as mongodb from '../../receivers/ebpf/protocols/mongodb/testing.ts'
import * as mqtt from '../../receivers/ebpf/protocols/mqtt/testing.ts'
import * as my from '../../receivers/ebpf/protocols/mysql/testing.ts'
import * as pg from '../../receivers/ebpf/protocols/postgres/testing.ts'
import type { Conversation } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'

const KAFKA_RECORDS = [
  kafka.record('x'),
  kafka.record('y', '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'),
]
const KAFKA_BATCH = kafka.batch(KAFKA_RECORDS)
const KAFKA_SNAPPY = kafka.batch(KAFKA_RECORDS, { attributes: 2, compress: snappyBlock })
const KAFKA_LZ4 = kafka.batch(KAFKA_RECORDS, { attributes: 3, compress: lz4 })

const MONGODB_FIND = mongodb.body({ find: 'goods', $db: 'admin' })
const MONGODB_ZSTD = mongodb.compressed(2013, 3, zstdCompressSync(MONGODB_FIND))
const MONGODB_SNAPPY = mongodb.compressed(2013, 1, snappyBlock(MONGODB_FIND))

const MQTT_TRACE = mqtt.user(
  'traceparent',
  '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
)

const DNS_ADDRESS = dns.record(1, Buffer.from([10, 1, 2, 3]))

/** What is right in each protocol that is read as chunks, by its folder: what the fuzzer starts from. */
export const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  mysql: [
    ...my.OPENING,
    my.ask(my.query("SELECT 'x' FROM t")),
    my.say(my.rows(['x', 'y'])),
    my.ask(my.prepare('INSERT INTO t VALUES (?)'), my.execute(1)),
    my.say(my.prepared(1, 0, 1), my.column(2), my.eof(3), my.ok(1)),
    my.ask(my.query("LOAD DATA LOCAL INFILE 'x' INTO TABLE t")),
    my.say(my.packet(1, 0xfb, 'x')),
    my.ask(my.packet(2, 'x'), my.packet(3)),
    my.say(my.error(4)),
    my.ask(my.packet(0, 0x11, 'me\0', 3, 'pwd', 'c\0')),
    my.say(my.packet(1, 0xfe, 'plugin\0')),
    my.ask(my.packet(2, 'proof')),
    my.say(my.ok(3)),
  ],
  mysql_compressed: [
    ...my.COMPRESSED_OPENING,
    my.ask(my.compressed(0, my.query("SELECT 'x' FROM t"), deflateSync)),
    my.say(my.compressed(1, my.rows(['x', 'y'.repeat(200)]), deflateSync)),
    my.ask(my.compressed(0, my.query('COMMIT'))),
    my.say(my.compressed(1, my.ok(1), zstdCompressSync)),
  ],
  postgres: [
    ['request', pg.START],
    ['response', pg.WELCOME],
    ['request', pg.query("SELECT 'x' FROM t")],
    ['response', pg.all(pg.message('D', 'x'), pg.complete('SELECT 1'), pg.READY)],
    ['request', pg.all(pg.parse('s', 'INSERT INTO t VALUES ($1)'), pg.bind('s', 'p'), pg.SYNC)],
    ['response', pg.all(pg.message('1'), pg.message('2'), pg.READY)],
    ['request', pg.all(pg.execute('p'), pg.bind('no'), pg.execute(), pg.SYNC)],
    ['response', pg.all(pg.complete('INSERT 0 1'), pg.error('26000'), pg.READY)],
  ],
  http2: [
    ['request', h2.all(h2.CLIENT, h2.get(1, '/a'), h2.post(3, '/s/M', h2.GRPC))],
    ['response', h2.all(h2.SERVER, h2.ok(1, 4), h2.data(1, 'hello'))],
    ['request', h2.all(h2.data(3, h2.message('x')), h2.post(5, '/p'), h2.reset(5, 8))],
    [
      'response',
      h2.all(
        h2.headers(3, h2.block(8, h2.GRPC)),
        h2.data(3, h2.message('y'), false),
        h2.headers(3, h2.block(['grpc-status', '0']), h2.END),
      ),
    ],
    ['request', h2.headers(7, h2.all(h2.block(2, 4, 6), h2.indexed(['user-agent', 'x'])), h2.END)],
    ['response', h2.all(h2.goaway(5, 0), h2.ok(7))],
  ],
  redis: [
    ['request', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n'],
    ['response', '+OK\r\n'],
    ['request', '*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n'],
    ['response', '+OK\r\n|1\r\n+ttl\r\n:90\r\n$5\r\nhello\r\n'],
    ['request', 'PING\r\n'],
    ['response', '+PONG\r\n'],
    ['request', '*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n'],
    [
      'response',
      '>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n',
    ],
    ['request', '*1\r\n$5\r\nRESET\r\n'],
    ['response', '-ERR no\r\n%1\r\n+a\r\n*2\r\n_\r\n#t\r\n'],
  ],
  kafka: [
    ['request', kafka.produce(1, { a: { 0: KAFKA_BATCH, 1: KAFKA_BATCH }, b: { 0: KAFKA_BATCH } })],
    ['response', kafka.produced(1, { a: 0, b: 3 })],
    ['request', kafka.fetch(2)],
    ['response', kafka.fetched(2, { a: kafka.all(KAFKA_BATCH, KAFKA_SNAPPY, KAFKA_LZ4) })],
    ['request', kafka.request(3, 4, 3, kafka.array(kafka.text('a')), 1)],
    ['response', kafka.response(3, kafka.i32(0), kafka.array(), kafka.text('c'), Buffer.alloc(8))],
    ['request', kafka.request(11, 5, 4, kafka.text('g'), Buffer.alloc(40))],
    ['response', kafka.response(4, kafka.i32(0), kafka.i16(79), Buffer.alloc(9))],
  ],
  memcached: [
    ['request', 'set k 0 0 5\r\nhello\r\nget k no\r\n'],
    ['response', 'STORED\r\nVALUE k 0 5\r\nhello\r\nEND\r\n'],
    ['request', 'incr n 1\r\ndelete k noreply\r\nflush_all\r\n'],
    ['response', 'CLIENT_ERROR no number\r\nOK\r\n'],
    ['request', 'mg k v q O1\r\nms k 1 q\r\nx\r\nmn\r\nstats\r\n'],
    ['response', 'VA 1 O1\r\nx\r\nNS\r\nMN\r\nSTAT pid 1\r\nEND\r\n'],
    [
      'request',
      mc.all(mc.ask(mc.CODE.getKeyQuietly, { key: 'k', opaque: 1 }), mc.ask(mc.CODE.noop)),
    ],
    [
      'response',
      mc.all(
        mc.say(mc.CODE.getKeyQuietly, { extras: 4, key: 'k', value: 'hello', opaque: 1 }),
        mc.say(mc.CODE.noop),
      ),
    ],
    ['request', mc.ask(mc.CODE.setQuietly, { extras: 8, key: 'k', value: 'hello' })],
    ['response', mc.say(mc.CODE.setQuietly, { status: 3 })],
  ],
  amqp: [
    ['request', mq.all(mq.OPENING, mq.select(), mq.publish('e', 'k'), mq.content('hello'))],
    ['response', mq.all(mq.returned(312, 'e', 'k'), mq.content('hello'), mq.ack(1), mq.HEARTBEAT)],
    ['request', mq.all(mq.consume('q', 'c'), mq.get('q'))],
    [
      'response',
      mq.all(
        mq.deliver('c', 1, 'e', 'k'),
        mq.content('hello'.repeat(30), {
          traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
        }),
        mq.getOk(2, '', 'q'),
        mq.content(''),
      ),
    ],
    ['request', mq.all(mq.ack(1), mq.nack(2), mq.reject(3), mq.closed(200))],
    ['response', mq.all(mq.nack(1), mq.getEmpty(), mq.closed(404))],
  ],
  mongodb: [
    ['request', mongodb.ask(1, { find: 'goods', filter: { name: 'x' }, $db: 'shop' })],
    ['response', mongodb.answer(1, { cursor: { firstBatch: [{ a: 1 }] }, ok: 1 })],
    ['request', mongodb.ask(2, { insert: 'goods', documents: [{ a: 7n }], $db: 'shop' })],
    ['response', mongodb.answer(2, { writeErrors: [{ code: 11000 }], ok: 1 })],
    ['request', mongodb.query(3, 'shop.$cmd', { count: 'goods' })],
    ['response', mongodb.reply(3, { ok: 0, code: 13 })],
    ['request', mongodb.message(2012, 4, 0, MONGODB_ZSTD)],
    ['response', mongodb.answer(4, { ok: 1 }, 2)],
    ['request', mongodb.message(2012, 5, 0, MONGODB_SNAPPY)],
    ['response', mongodb.answer(5)],
  ],
  dns: [
    ['request', dns.framed(dns.message({ id: 1, additional: [dns.opt()] }))],
    ['response', dns.framed(dns.message({ id: 1, flags: dns.RESPONSE, answers: [DNS_ADDRESS] }))],
    ['request', dns.framed(dns.message({ id: 2, type: 28, name: 'b.c.test' }))],
    ['response', dns.framed(dns.message({ id: 2, type: 28, flags: dns.RESPONSE | 3 }))],
  ],
  nats: [
    ['response', 'INFO {"server_id":"N","max_payload":1048576} \r\n'],
    ['request', 'CONNECT {"name":"x","headers":true}\r\nPING\r\nSUB a.* g 1\r\n'],
    ['response', 'PONG\r\n+OK\r\n'],
    ['request', 'PUB a.b 5\r\nhello\r\nPUB a.c _INBOX.1 0\r\n\r\nUNSUB 1 3\r\n'],
    ['request', 'HPUB a.b 25 30\r\nNATS/1.0\r\ntracestate:a\r\n\r\nhello\r\n'],
    ['request', 'PUB $JS.ACK.S.c.1.1.1.1.1 4\r\n-NAK\r\nPUB $JS.API.STREAM.INFO.S 0\r\n\r\n'],
    ['response', 'MSG a.b 1 $JS.ACK.S.c.1.1.1.1.1 5\r\nhello\r\nMSG _INBOX.1 2 0\r\n\r\n'],
    ['response', "HMSG a.b 1 16 16\r\nNATS/1.0 404\r\n\r\n\r\nPING\r\n-ERR 'no'\r\n"],
  ],
  mqtt: [
    [
      'request',
      mqtt.all(mqtt.connect(5, 'x'), mqtt.publish('a', 'hi', { properties: MQTT_TRACE })),
    ],
    ['response', mqtt.packet(0x20, Buffer.alloc(3))],
    ['request', mqtt.publish('b', 'hi', { quality: 2, id: 1, properties: mqtt.alias(1) })],
    ['response', mqtt.all(mqtt.answer(5, 1), mqtt.publish('c', 'x', { quality: 1, id: 1 }))],
    ['request', mqtt.all(mqtt.answer(6, 1), mqtt.answer(4, 1, 0x80, 0), mqtt.packet(0xc0))],
    ['response', mqtt.all(mqtt.answer(7, 1), mqtt.packet(0xd0))],
    ['request', mqtt.publish('', 'x'.repeat(200), { properties: mqtt.alias(1) })],
  ],
}
