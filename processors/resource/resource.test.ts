import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Double } from '../../config/fields.ts'
import { toAnyValue } from '../../pipeline/attribute_actions/actions.ts'
import type { Info } from '../../pipeline/component.ts'
import { type AnyValue, type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ProfileBatch } from '../../pipeline/data/profiles.ts'
import { testContext } from '../../test/support/context.ts'
import { profiles, resourceSpans, span } from '../../test/support/telemetry.ts'
import { resource } from './factory.ts'

const bool = (key: string, value: boolean): Attribute => ({ key, value: { kind: 'bool', value } })
const double = (key: string, value: number): Attribute => ({
  key,
  value: { kind: 'double', value },
})

const GIVEN = [string('a', 'one'), int('n', 5), string('user.name', 'me'), string('user.id', '7')]

const info: Info = {
  client: { address: '10.0.0.7', metadata: new Map([['tenant', ['x', 'y']]]) },
}

/** The attributes of a resource that had GIVEN, after the actions. */
async function after(
  actions: object[],
  attributes: readonly Attribute[] = GIVEN,
): Promise<readonly Attribute[] | undefined> {
  const sent: TraceBatch[] = []
  const config = resource.schema.parse({ attributes: actions })
  const processor = resource.create.traces?.(testContext().ctx, config, {
    consume: (batch) => Promise.resolve(void sent.push(batch)),
  })
  const given = {
    ...resourceSpans([span()]),
    resource: { attributes, droppedAttributesCount: 0 },
  }
  await processor?.consume(traceBatch([given]), info)
  assert.equal(sent[0]?.count, 1)
  return sent[0]?.resources()[0]?.resource.attributes
}

const [a, n, name, id] = GIVEN as [Attribute, Attribute, Attribute, Attribute]

test('a number that is written as a fraction is a double', () => {
  const value = { small: new Double(1), list: [1, new Double(-2000)] }
  assert.deepEqual(toAnyValue(value), {
    kind: 'kvlist',
    value: [
      double('small', 1),
      {
        key: 'list',
        value: {
          kind: 'array',
          value: [
            { kind: 'int', value: 1 },
            { kind: 'double', value: -2000 },
          ],
        },
      },
    ],
  })
})

describe('resource', () => {
  const rows: [name: string, actions: object[], expected: Attribute[]][] = [
    [
      'insert sets what is absent',
      [{ action: 'insert', key: 'b', value: 1.5 }],
      [...GIVEN, double('b', 1.5)],
    ],
    ['insert leaves what is present', [{ action: 'insert', key: 'a', value: 'two' }], GIVEN],
    [
      'update sets what is present',
      [{ action: 'update', key: 'a', value: true }],
      [bool('a', true), n, name, id],
    ],
    ['update leaves what is absent', [{ action: 'update', key: 'b', value: 1 }], GIVEN],
    [
      'upsert sets both, in their order',
      [
        { action: 'upsert', key: 'b', value: 1 },
        { action: 'upsert', key: 'b', from_attribute: 'a' },
      ],
      [...GIVEN, string('b', 'one')],
    ],
    [
      'a source that is absent sets nothing',
      [{ action: 'upsert', key: 'b', from_attribute: 'z' }],
      GIVEN,
    ],
    [
      'an address of the sender',
      [{ action: 'insert', key: 'b', from_context: 'client.address' }],
      [...GIVEN, string('b', '10.0.0.7')],
    ],
    [
      'headers of the sender',
      [{ action: 'insert', key: 'b', from_context: 'metadata.Tenant' }],
      [...GIVEN, string('b', 'x;y')],
    ],
    ['delete by key', [{ action: 'delete', key: 'a' }], [n, name, id]],
    ['delete by pattern', [{ action: 'delete', pattern: '^user\\.' }], [a, n]],
    [
      'hash by key and pattern',
      [{ action: 'hash', key: 'a', pattern: 'id$' }],
      [
        string('a', '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed'),
        n,
        name,
        string('user.id', '7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451'),
      ],
    ],
    [
      'extract sets each named group',
      [{ action: 'extract', key: 'a', pattern: '^(?P<first>.)(?P<rest>.*)$' }],
      [...GIVEN, string('first', 'o'), string('rest', 'ne')],
    ],
    [
      'convert to a number',
      [{ action: 'convert', key: 'user.id', converted_type: 'int' }],
      [a, n, name, int('user.id', 7)],
    ],
    [
      'convert to a text',
      [{ action: 'convert', key: 'n', converted_type: 'string' }],
      [a, string('n', '5'), name, id],
    ],
    [
      'convert: a fraction is no int',
      [{ action: 'convert', key: 'f', converted_type: 'int' }],
      GIVEN,
    ],
    [
      'a default where a header is missing',
      [{ action: 'insert', key: 'b', from_context: 'metadata.none', default_value: 'd' }],
      [...GIVEN, string('b', 'd')],
    ],
    [
      'a name without metadata. is a header too',
      [{ action: 'INSERT', key: 'b', from_context: 'tenant' }],
      [...GIVEN, string('b', 'x;y')],
    ],
    [
      'what cannot be converted stays',
      [{ action: 'convert', key: 'a', converted_type: 'double' }],
      GIVEN,
    ],
  ]
  for (const [title, actions, expected] of rows) {
    test(title, async () => assert.deepEqual(await after(actions), expected))
  }

  const converted: [from: AnyValue, type: string, to: AnyValue][] = [
    [{ kind: 'string', value: '+12' }, 'int', { kind: 'int', value: 12 }],
    [{ kind: 'string', value: '1.5' }, 'int', { kind: 'string', value: '1.5' }],
    [{ kind: 'string', value: '1e3' }, 'int', { kind: 'string', value: '1e3' }],
    [{ kind: 'string', value: ' 1' }, 'int', { kind: 'string', value: ' 1' }],
    [
      { kind: 'string', value: '9223372036854775807' },
      'int',
      { kind: 'int', value: 9223372036854775807n },
    ],
    [
      { kind: 'string', value: '9223372036854775808' },
      'int',
      { kind: 'string', value: '9223372036854775808' },
    ],
    [{ kind: 'double', value: -1.9 }, 'int', { kind: 'int', value: -1 }],
    [{ kind: 'bool', value: true }, 'int', { kind: 'int', value: 1 }],
    [{ kind: 'string', value: '1e3' }, 'double', { kind: 'double', value: 1000 }],
    [{ kind: 'string', value: '-Inf' }, 'double', { kind: 'double', value: -Infinity }],
    [{ kind: 'string', value: '0x10' }, 'double', { kind: 'string', value: '0x10' }],
    [{ kind: 'int', value: 2 }, 'double', { kind: 'double', value: 2 }],
    [{ kind: 'bytes', value: Uint8Array.of(1, 2) }, 'string', { kind: 'string', value: 'AQI=' }],
    [
      { kind: 'array', value: [{ kind: 'int', value: 1 }] },
      'string',
      { kind: 'string', value: '[1]' },
    ],
    [{ kind: 'array', value: [] }, 'int', { kind: 'array', value: [] }],
  ]
  for (const [from, converted_type, to] of converted) {
    test(`convert ${inspect(from)} to ${converted_type}`, async () => {
      const actions = [{ action: 'convert', key: 'c', converted_type }]
      assert.deepEqual(await after(actions, [{ key: 'c', value: from }]), [{ key: 'c', value: to }])
    })
  }

  test('hash of what has no bytes is empty', async () => {
    const given: Attribute[] = [{ key: 'a', value: { kind: 'array', value: [] } }, string('b', '')]
    const actions = [{ action: 'hash', pattern: '.' }]
    assert.deepEqual(await after(actions, given), [string('a', ''), string('b', '')])
  })

  test('changes resources of profiles, and nothing else of them', async () => {
    const sent: ProfileBatch[] = []
    const config = resource.schema.parse({
      attributes: [{ action: 'insert', key: 'b', value: 'x' }],
    })
    const next = { consume: (batch: ProfileBatch) => Promise.resolve(void sent.push(batch)) }
    await resource.create.profiles?.(testContext().ctx, config, next).consume(profiles(3), {})
    const before = Buffer.from(profiles(3).toProtobuf())
    const after = Buffer.from(sent[0]?.toProtobuf() ?? [])
    // ResourceProfiles { resource { attributes { b: x } } ... }: 12 bytes more, in front of what was there.
    const inserted = Buffer.from('0a0a0a080a01621203', 'hex')
    assert.equal(after.subarray(2, 2 + inserted.length).toString('hex'), inserted.toString('hex'))
    assert.equal(after.subarray(14).toString('hex'), before.subarray(2).toString('hex'))
    assert.equal(sent[0]?.count, 3)
  })

  const refused: [attributes: object[], error: RegExp][] = [
    [[], /at least one action/],
    [[{ action: 'insert', value: 1 }], /missing required field "key" at the 0-th action/],
    [
      [
        { action: 'delete', key: 'a' },
        { action: 'insert', key: 'a' },
      ],
      /error with key "a" \(1-th action\): .* Either field "value", "from_attribute", "from_context", or "default_value" must be specified/,
    ],
    [
      [{ action: 'insert', key: 'a', value: 1, from_attribute: 'b' }],
      /multiple value sources being set/,
    ],
    [[{ action: 'extract', key: 'a' }], /missing required field "pattern"/],
    [[{ action: 'extract', key: 'a', pattern: '(.*)' }], /at least one unnamed matcher group/],
    [[{ action: 'extract', key: 'a', pattern: '.*' }], /contains no named matcher groups/],
    [
      [{ action: 'delete', pattern: '(' }],
      /Field "pattern" has invalid pattern: "\(": .*missing closing \)/,
    ],
    [
      [{ action: 'delete' }],
      /at least one of "key" and "pattern" have to be used\) at the 0-th action/,
    ],
    [
      [{ action: 'delete', key: 'a', value: 1 }],
      /Action "delete" does not use "value" or "from_attribute" field/,
    ],
    [
      [{ action: 'insert', key: 'a', value: 1, pattern: 'x' }],
      /Action "insert" does not use the "pattern" field/,
    ],
    [
      [{ action: 'convert', key: 'a', converted_type: 'bool' }],
      /invalid value "bool" in field "converted_type"/,
    ],
    [[{ action: 'convert', key: 'a' }], /missing required field "converted_type"/],
    [[{ action: 'replace', key: 'a' }], /unsupported action "replace"/],
  ]
  for (const [attributes, error] of refused) {
    test(`refuses ${JSON.stringify(attributes)}`, () =>
      assert.throws(() => resource.schema.parse({ attributes }), error))
  }
})
