import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HpackDecoder } from './hpack.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** Fields as lines; undefined if the block makes no sense. */
function decode(decoder: HpackDecoder, block: string): string[] | undefined {
  const lines: string[] = []
  const isRight = decoder.decode(hex(block), (name, value) => lines.push(`${name}: ${value}`))
  return isRight ? lines : undefined
}

const PLAIN = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const CACHED = [...PLAIN, 'cache-control: no-cache']
const CUSTOM = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
]
const DATE = 'date: Mon, 21 Oct 2013 20:13:21 GMT'
const LOCATION = 'location: https://www.example.com'
const FOUND = [':status: 302', 'cache-control: private', DATE, LOCATION]
const MOVED = [':status: 307', 'cache-control: private', DATE, LOCATION]
const OK = [
  ':status: 200',
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:22 GMT',
  LOCATION,
  'content-encoding: gzip',
  'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
]
/** The examples with evictions set the table to 256 octets out of band. */
const SIZE_256 = '3fe101'

/** Source: https://www.rfc-editor.org/rfc/rfc7541#appendix-C */
const cases: [name: string, blocks: [block: string, fields: string[]][]][] = [
  [
    'C.2.1 literal with indexing',
    [['400a637573746f6d2d6b65790d637573746f6d2d686561646572', ['custom-key: custom-header']]],
  ],
  ['C.2.2 literal without indexing', [['040c2f73616d706c652f70617468', [':path: /sample/path']]]],
  ['C.2.3 literal never indexed', [['100870617373776f726406736563726574', ['password: secret']]]],
  ['C.2.4 indexed', [['82', [':method: GET']]]],
  [
    'C.3 requests without Huffman',
    [
      ['828684410f7777772e6578616d706c652e636f6d', PLAIN],
      ['828684be58086e6f2d6361636865', CACHED],
      ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', CUSTOM],
    ],
  ],
  [
    'C.4 requests with Huffman',
    [
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', PLAIN],
      ['828684be5886a8eb10649cbf', CACHED],
      ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', CUSTOM],
    ],
  ],
  [
    'C.5 responses without Huffman, with evictions',
    [
      [
        `${SIZE_256} 4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        FOUND,
      ],
      ['4803333037c1c0bf', MOVED],
      [
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
        OK,
      ],
    ],
  ],
  [
    'C.6 responses with Huffman, with evictions',
    [
      [
        `${SIZE_256} 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
        FOUND,
      ],
      ['4883640effc1c0bf', MOVED],
      [
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
        OK,
      ],
    ],
  ],
]

describe('HPACK', () => {
  for (const [name, blocks] of cases) {
    test(name, () => {
      const decoder = new HpackDecoder()
      for (const [block, fields] of blocks) assert.deepEqual(decode(decoder, block), fields)
    })
  }

  test('what makes no sense is none, and never throws', () => {
    const wrong: [name: string, block: string][] = [
      ['index 0', '80'],
      ['an index that nothing stands at', 'be'],
      ['a name that nothing stands at', '7f0003616263'],
      ['a size behind a field', '823f e101'],
      ['an integer without end', 'ffffffffffffffff'],
      ['a string longer than the block', '400a6375'],
      ['a name without value', '4003616263'],
      ['Huffman with the end of string in it', '000161 84ffffffff'],
      ['Huffman with eight bits of padding', '000161 821fff'],
      ['Huffman with zeros for padding', '000161 8118 8110'],
    ]
    for (const [name, block] of wrong) {
      assert.equal(decode(new HpackDecoder(), block), undefined, name)
    }
  })

  test('cut at every byte', () => {
    const block = '828684418cf1e3c2e5f23a6ba0ab90f4ff'
    for (let digits = 8; digits < block.length; digits += 2) {
      const isBetween = digits <= 6
      const lines = decode(new HpackDecoder(), block.slice(0, digits))
      assert.equal(lines !== undefined, isBetween, `${digits / 2} bytes`)
    }
  })

  test('of an old connection what is new is known, and what is older is not', () => {
    const decoder = new HpackDecoder()
    decoder.forget()
    assert.deepEqual(decode(decoder, '82be400161016247017a'), [
      ':method: GET',
      'undefined: ',
      'a: b',
      ':scheme: z',
    ])
    assert.deepEqual(decode(decoder, 'bebfc0 7e0163'), [
      ':scheme: z',
      'a: b',
      'undefined: ',
      ':scheme: c',
    ])
    assert.deepEqual(decode(decoder, '7f0203616263 bebf'), [
      'undefined: abc',
      'undefined: abc',
      ':scheme: c',
    ])
  })

  test('a table larger than what is kept of it has unknown entries', () => {
    const decoder = new HpackDecoder()
    assert.deepEqual(decode(decoder, '3fe1ff03'), []) // 65,536
    const long = '61'.repeat(100)
    for (let i = 0; i < 200; i++) decode(decoder, `400161 64 ${long}`)
    assert.deepEqual(decode(decoder, 'ff64'), ['undefined: '])
    assert.equal(decode(decoder, 'be')?.length, 1)
  })
})

describe('a block that is said again and again', () => {
  const literal = '88 76 02 6e67 61 01 64' // static, then server: ng and date: d, which enter the table

  test('gives the same fields, and fills the table each time', () => {
    const decoder = new HpackDecoder()
    for (let i = 0; i < 4; i++) {
      assert.deepEqual(decode(decoder, literal), [':status: 200', 'server: ng', 'date: d'])
    }
    // The newest is 62: each of four blocks has left two.
    assert.deepEqual(decode(decoder, 'be bf c4 c5'), [
      'date: d',
      'server: ng',
      'date: d',
      'server: ng',
    ])
    assert.equal(decode(decoder, 'c6'), undefined)
  })

  test('is looked up each time if it refers to the table', () => {
    const decoder = new HpackDecoder()
    for (const value of ['61', '62', '63']) {
      decode(decoder, `40 01 78 01 ${value}`)
      assert.deepEqual(decode(decoder, 'be'), [
        `x: ${String.fromCharCode(Number.parseInt(value, 16))}`,
      ])
    }
  })

  test('a size in front of it is heard each time', () => {
    const decoder = new HpackDecoder()
    for (let i = 0; i < 3; i++) assert.deepEqual(decode(decoder, '20 88'), [':status: 200'])
    decode(decoder, '40 01 78 01 61')
    assert.equal(decode(decoder, 'be'), undefined) // nothing fits into it
  })
})
