import { describe } from 'node:test'
import { type Case, testCases } from '../testing/cases.ts'
import * as k from './testing.ts'
import { ask, big, CLIENT, call, lines, poll, say, send, two, ZERO } from './testing_spans.ts'

const ID = 'aa'.repeat(16)
const uuid = Buffer.from(ID, 'hex')

/** Metadata, version 12: a topic with an id. */
const described = (id: number, name: string) =>
  k.response(
    id,
    k.NO_TAGS,
    k.i32(0),
    k.compactArray([k.i32(1), k.compact('host'), k.i32(9092), 0, k.NO_TAGS]),
    k.compact('c'),
    k.i32(1),
    k.compactArray([
      k.i16(0),
      k.compact(name),
      uuid,
      0,
      k.compactArray([
        k.i16(0),
        k.i32(0),
        k.i32(1),
        k.i32(0),
        k.compactArray(k.i32(1)),
        k.compactArray(k.i32(1)),
        1,
        k.NO_TAGS,
      ]),
      k.i32(0),
      k.NO_TAGS,
    ]),
    k.NO_TAGS,
  )

/** Produce and Fetch, version 13: flexible, with ids of topics. */
const produceById = (id: number) =>
  k.request(
    0,
    13,
    id,
    k.NO_TAGS,
    0,
    k.i16(-1),
    k.i32(1),
    k.compactArray([
      uuid,
      k.compactArray([k.i32(2), k.varint(two.length + 1), two, k.NO_TAGS]),
      k.NO_TAGS,
    ]),
    k.NO_TAGS,
  )
const producedById = (id: number, error: number) =>
  k.response(
    id,
    k.NO_TAGS,
    k.compactArray([
      uuid,
      k.compactArray([k.i32(2), k.i16(error), k.i64(0), k.i64(-1), k.i64(0), 1, 0, k.NO_TAGS]),
      k.NO_TAGS,
    ]),
    k.i32(0),
    k.NO_TAGS,
  )
const fetchedById = (id: number) =>
  k.response(
    id,
    k.NO_TAGS,
    k.i32(0),
    k.i16(0),
    k.i32(1),
    k.compactArray([
      uuid,
      k.compactArray([
        k.i32(2),
        k.i16(0),
        k.i64(0),
        k.i64(0),
        k.i64(0),
        0,
        k.i32(-1),
        k.varint(two.length + 1),
        two,
        k.NO_TAGS,
      ]),
      k.NO_TAGS,
    ]),
    k.NO_TAGS,
  )

const cases: Case[] = [
  [
    'produce: a span for each topic, also behind records longer than what is held',
    [
      ask(k.produce(1, { a: { 0: big }, b: { 0: two, 1: two } })),
      say(k.produced(1, { a: 0, b: 3 })),
    ],
    [
      send('a', `${ZERO}${CLIENT}`),
      send('b', `${CLIENT} error.type=UNKNOWN_TOPIC_OR_PARTITION batch.message_count=4 error`),
    ],
  ],
  [
    'without acknowledgement there is no answer',
    [ask(k.produce(1, { a: { 0: two } }, 0))],
    [send('a', `${ZERO}${CLIENT} batch.message_count=2`)],
  ],
  [
    'answers are joined by number',
    [
      ask(k.all(k.produce(7, { a: { 0: two } }), k.fetch(8))),
      say(k.produced(7, { a: 0 })),
      say(k.fetched(8, { b: two })),
    ],
    [
      send('a', `${ZERO}${CLIENT} batch.message_count=2`),
      poll('b', ` destination.partition.id=3${CLIENT} batch.message_count=2`),
    ],
  ],
  [
    'nothing was fetched',
    [
      ask(k.fetch(1)),
      say(k.fetched(1, {})),
      ask(k.fetch(2)),
      say(k.fetched(2, { a: Buffer.alloc(0) })),
    ],
    [],
  ],
  [
    'an error of a partition',
    [ask(k.fetch(1)), say(k.fetched(1, { a: Buffer.alloc(0) }, 1))],
    [poll('a', ` destination.partition.id=3${CLIENT} error.type=OFFSET_OUT_OF_RANGE error`)],
  ],
  [
    'several batches, of which the last is cut by the broker',
    [ask(k.fetch(1)), say(k.fetched(1, { a: k.all(two, two, big.subarray(0, 2000)) }))],
    [poll('a', ` destination.partition.id=3${CLIENT} batch.message_count=4`)],
  ],
  [
    'one record has an offset, marks of transactions are none',
    [
      ask(k.fetch(1)),
      say(
        k.fetched(1, {
          a: k.all(
            k.batch([k.record('x')], { offset: 77 }),
            k.batch([k.record('c')], { attributes: 0x30 }),
          ),
        }),
      ),
    ],
    [poll('a', ` destination.partition.id=3${CLIENT} kafka.offset=77`)],
  ],
  [
    'topics by id, of which the metadata told',
    [
      ask(k.request(3, 12, 1, k.NO_TAGS, 1)),
      say(described(1, 'orders')),
      ask(produceById(2)),
      say(producedById(2, 0)),
      ask(k.request(1, 17, 3, 0)),
      say(fetchedById(3)),
    ],
    [
      call('Metadata', CLIENT),
      send('orders', ` destination.partition.id=2${CLIENT} batch.message_count=2`),
      poll('orders', ` destination.partition.id=2${CLIENT} batch.message_count=2`),
    ],
  ],
  [
    'an id that nobody told',
    [ask(produceById(2)), say(producedById(2, 87))],
    [
      `send server operation.name=send operation.type=send destination.partition.id=2${CLIENT} error.type=INVALID_RECORD batch.message_count=2 weir.partial=topic_unknown error`,
    ],
  ],
  [
    'a group: who consumes for it is remembered',
    [
      ask(k.request(11, 5, 1, k.text('g'), Buffer.alloc(40))),
      say(k.response(1, k.i32(0), k.i16(79), Buffer.alloc(9))),
      ask(k.request(12, 3, 2, k.text('g'), Buffer.alloc(9))),
      say(k.response(2, k.i32(0), k.i16(27))),
      ask(k.fetch(3)),
      say(k.fetched(3, { a: two })),
      ask(k.request(8, 7, 4, k.text('g'), Buffer.alloc(30))),
      say(k.response(4, k.i32(0), k.array([k.text('a'), k.array([k.i32(0), k.i16(25)])]))),
    ],
    [
      call('JoinGroup', ` consumer.group.name=g${CLIENT}`),
      poll('a', ` destination.partition.id=3 consumer.group.name=g${CLIENT} batch.message_count=2`),
      `commit a server operation.name=commit operation.type=settle destination.name=a consumer.group.name=g${CLIENT} error.type=UNKNOWN_MEMBER_ID error`,
    ],
  ],
  [
    'replication is none of the users’',
    [ask(k.request(1, 11, 1, k.i32(2))), say(k.fetched(1, { __cluster_metadata: two }))],
    [],
  ],
]

describe('kafka', () => {
  testCases(cases, lines)
})
