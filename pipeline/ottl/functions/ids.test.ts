import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from './testing.ts'

/** Letters whose order has nothing to do with blocks of 2, 4, 8 or 16. */
const long = (length: number) => Array.from({ length }, (_, i) => 'abcdefg'[i % 7]).join('')

describe('OTTL hashes', () => {
  type Case = [name: string, text: string, want: string]
  const cases: Case[] = [
    ['Murmur3Hash', '', '00000000'],
    ['Murmur3Hash', 'Hello World', 'ce837619'],
    ['Murmur3Hash128', '', '00000000000000000000000000000000'],
    ['Murmur3Hash128', 'Hello World', 'dbc2a0c1ab26631a27b4c09fcf1fe683'],
    ['XXH3', '', '2d06800538d394c2'],
    ['XXH3', 'hello world', 'd447b1ea40e6988b'],
    ['XXH128', '', '99aa06d3014798d86001c324468d497f'],
    ['XXH128', 'hello world', 'df8d09e93f874900a99b8775cc15b6c7'],
  ]
  for (const [name, text, want] of cases) {
    test(`${name} of ${text.length} letters`, () =>
      assert.equal(resultOf(`${name}(attributes["text"])`, { text }), want))
  }
})

describe('OTTL hashes of every way through them, as Python makes them', () => {
  type Row = [length: number, xxh3: string, xxh128: string, murmur: string, murmurWide: string]
  const rows: Row[] = [
    [
      1,
      'e6c632b61e964e1f',
      'a96faf705af16834e6c632b61e964e1f',
      'b269253c',
      '897859f6655555855a890e51483ab5e6',
    ],
    [
      3,
      '78af5f94892f3950',
      '06b05ab6733a618578af5f94892f3950',
      'fa93ddb3',
      '6778ad3f3f3f96b4522dca264174a23b',
    ],
    [
      4,
      '6497a96f53a89890',
      '8d6b60383dfa90c21be79eecd1b1353d',
      '6a67ed43',
      '4fcd5646d6b77bb875e87360883e00f2',
    ],
    [
      8,
      '2011b65e96a8e7ec',
      'febe922638428de533c7cf3ef06671a0',
      'c49e4ab3',
      '1af807804a478c44069ba1d4b9488869',
    ],
    [
      9,
      '13c39d058763547e',
      '5a9c2b0a5458b79937a9171a6cc68404',
      '0851c4a1',
      'f50333c7dc64bf79d61f6b213337036e',
    ],
    [
      16,
      '2a1a049718c247e3',
      '3232f4d364a03dd6b857161eec7a8500',
      '5ff2d214',
      '2891547552ee2c9e8dd4f14574080cc2',
    ],
    [
      17,
      '7feb164e8239aa30',
      '1b0ff6e9a0bf0287686ea36bbcf45c28',
      '523dbb5c',
      'ae3ef4ab9808b8b217c8fc364b2a45ef',
    ],
    [
      33,
      '31c9476f0e594ad7',
      'dc6d42f5d8e1d6a8f32f9d96dadf3398',
      '46e791cc',
      '795108d5d64c75a0aa9a2e63ef3c4350',
    ],
    [
      65,
      '762d402eb4c1641f',
      'a4e0b27f0a8b769c2f9fc960c663a697',
      '18881b49',
      'a075cff6ef4ccaa53eb421a2ed9ed2ea',
    ],
    [
      97,
      '4a07c29a9a09928c',
      '60f71bfa80d081b9f30b9b6940c0d690',
      '0bd476b1',
      '2919bbea43be814b05b07fed4628e733',
    ],
    [
      128,
      '9111c30f0ed21eae',
      '04813e4ac12fa852ac96541e4239c708',
      '3d75e45c',
      '3751ecbb7c6df209b80caddb2abdd6b8',
    ],
    [
      129,
      '1712b8030e03cb35',
      'f99f0100a90de3175a36878cc8cbee39',
      '16533ad8',
      '3e36b526ace13fc83cb5e458f2b66e45',
    ],
    [
      160,
      '692f67803235e9e7',
      '36ce838256164a4715aa8cbbc210abdd',
      'b0ffd10d',
      '17e8b4164feedad09c4d9f2087166dfc',
    ],
    [
      239,
      '09a1ff28f191852f',
      'dc8c6befd4728fdf54821d6000f4aca3',
      '02dcc16a',
      '851304e23b5eba8d45b19fdc82f96de5',
    ],
    [
      240,
      '0804582ea7894a00',
      'ea876e22a1b559b6552af863955e02cb',
      'd596d100',
      '962b56db5a664c152c2059807cfb5bc2',
    ],
    [
      241,
      '0b1c1a9950b96d1a',
      '7d9551f165ed90a10b1c1a9950b96d1a',
      '65e0b7ef',
      '72a508132f3ce189d6e58bdb7854d0cf',
    ],
    [
      1024,
      '262fd285173bfeaa',
      '357db210fa8c278d262fd285173bfeaa',
      'c4f96652',
      '1662fa7b3d3c4aa3ae46f9e97313b5d2',
    ],
    [
      1025,
      '5e46889e1607805e',
      'b286e6d8e97720575e46889e1607805e',
      '8665c066',
      'e74e86854cce12bb4782a5be7aa76cc7',
    ],
    [
      5000,
      '19c171da956485be',
      '2d5d07443e95f0c319c171da956485be',
      '3b9c02c7',
      'e40647ba8513e888de016d3d5795997c',
    ],
  ]
  for (const [length, ...want] of rows) {
    test(`${length} letters`, () => {
      const names = ['XXH3', 'XXH128', 'Murmur3Hash', 'Murmur3Hash128']
      const text = long(length)
      const found = names.map((name) => resultOf(`${name}(attributes["text"])`, { text }))
      assert.deepEqual(found, want)
    })
  }
})

describe('CommunityID', () => {
  type Case = [arguments: string, want: string]
  const cases: Case[] = [
    ['"1.2.3.4", 12345, "5.6.7.8", 80', '1:0by3b/tE95hcOzccyt6d4kjgbZc='],
    ['"5.6.7.8", 80, "1.2.3.4", 12345, "TCP"', '1:0by3b/tE95hcOzccyt6d4kjgbZc='],
    ['"::ffff:1.2.3.4", 12345, "5.6.7.8", 80', '1:0by3b/tE95hcOzccyt6d4kjgbZc='],
    ['"192.168.1.1", 53, "10.10.10.10", 53000, "UDP"', '1:gQ05/45srnixHs8V/2ejpkxhBwg='],
    ['"192.168.1.1", 53, "10.10.10.10", 53000, "SCTP"', '1:zo1kfEyhghMaeU7tQDCE2G+ITQc='],
    ['"2001:db8::1", 8080, "2001:db8::2", 443', '1:c5m26SNBLmvfaBQJNWKXZwUGGcM='],
    ['"2001:db8::1", 8080, "10.1.1.1", 443', '1:T1e3va6jTSWaSKkG3k4dnZq5VM8='],
    ['"192.168.1.1", 12345, "192.168.1.2", 80, "TCP", 1234', '1:v1n8p4IZW9jXIJnFANLbRU2ahdU='],
    ['"10.1.1.2", 8081, "10.1.1.2", 8080', '1:3byUvmBpOu8KHoTRr4eN5AjTQEU='],
  ]
  for (const [given, want] of cases) {
    test(given, () => assert.equal(resultOf(`CommunityID(${given})`), want))
  }

  const bad: [arguments: string, want: RegExp][] = [
    ['"here", 1, "1.2.3.4", 1', /"here" is no IP address/],
    ['"fe80::1%eth0", 1, "1.2.3.4", 1', /is no IP address/],
    ['"1.2.3.4", -1, "1.2.3.4", 1', /sourcePort: must be between 0 and 65535, got -1/],
    ['"1.2.3.4", 1, "1.2.3.4", 1, "TCP", 65536', /seed: must be between 0 and 65535/],
    ['"1.2.3.4", 1, "1.2.3.4", 1, "IP"', /unsupported protocol "IP", it knows ICMP, TCP, UDP/],
  ]
  for (const [given, want] of bad) {
    test(given, () => assert.throws(() => resultOf(`CommunityID(${given})`), want))
  }
})

describe('ParseSeverity', () => {
  const MAP =
    '{"error": [{"equals": ["err", "error"]}, {"range": {"min": 400, "max": 499}}], "info": [{"range": "2xx"}, {"equals": ["info"]}]}'
  const cases: [target: string, want: string][] = [
    ['"err"', 'error'],
    ['"info"', 'info'],
    ['404', 'error'],
    ['299', 'info'],
  ]
  for (const [target, want] of cases) {
    test(target, () => assert.equal(resultOf(`ParseSeverity(${target}, ${MAP})`), want))
  }

  const bad: [given: string, want: RegExp][] = [
    [`"warn", ${MAP}`, /no level for "warn"/],
    [`500, ${MAP}`, /no level for "500"/],
    [`1.5, ${MAP}`, /target must be a string or an int, it is float64/],
    ['1, {"a": "b"}', /criteria of each level must be a list/],
    ['1, {"a": ["b"]}', /criteria must be maps/],
    ['1, {"a": [{"range": "6xx"}]}', /range "6xx" is none of 1xx to 5xx/],
    ['1, {"a": [{"range": {"min": 1}}]}', /range must have an int as max/],
    ['"x", {"a": [{"equals": "x"}]}', /equals must be lists of strings/],
  ]
  for (const [given, want] of bad) {
    test(given, () => assert.throws(() => resultOf(`ParseSeverity(${given})`), want))
  }
})

test('ProfileID', () => {
  const id = '0af7651916cd43dd8448eb211c80319c'
  const bytes = JSON.stringify([...Buffer.from(id, 'hex')])
  assert.equal(resultOf(`String(ProfileID(0x${id}))`), bytes)
  assert.equal(resultOf(`String(ProfileID("${id}"))`), bytes)
  assert.throws(() => resultOf('ProfileID("0a")'), /ProfileID: needs 16 bytes/)
})
