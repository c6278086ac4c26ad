import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Info } from '../../pipeline/component.ts'
import { type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
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
async function after(actions: object[]): Promise<readonly Attribute[] | undefined> {
  const sent: TraceBatch[] = []
  const config = resource.schema.parse({ attributes: actions })
  const processor = resource.create.traces?.(testContext().ctx, config, {
    consume: (batch) => Promise.resolve(void sent.push(batch)),
  })
  const given = {
    ...resourceSpans([span()]),
    resource: { attributes: GIVEN, droppedAttributesCount: 0 },
  }
  await processor?.consume(traceBatch([given]), info)
  assert.equal(sent[0]?.count, 1)
  return sent[0]?.resources()[0]?.resource.attributes
}

const [a, n, name, id] = GIVEN as [Attribute, Attribute, Attribute, Attribute]

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
      'what cannot be converted stays',
      [{ action: 'convert', key: 'a', converted_type: 'double' }],
      GIVEN,
    ],
  ]
  for (const [title, actions, expected] of rows) {
    test(title, async () => assert.deepEqual(await after(actions), expected))
  }

  const refused: [attributes: object[], error: RegExp][] = [
    [[], /at least one action/],
    [[{ action: 'insert', value: 1 }], /missing required field "key" at the 0-th action/],
    [
      [
        { action: 'delete', key: 'a' },
        { action: 'insert', key: 'a' },
      ],
      /Either field "value", "from_attribute" or "from_context" setting must be specified for 1-th action/,
    ],
    [
      [{ action: 'insert', key: 'a', value: 1, from_attribute: 'b' }],
      /multiple value sources being set at the 0-th action/,
    ],
    [[{ action: 'extract', key: 'a' }], /missing required field "pattern"/],
    [[{ action: 'extract', key: 'a', pattern: '(.*)' }], /no named matcher groups/],
    [[{ action: 'delete', pattern: '(' }], /invalid pattern/],
    [[{ action: 'convert', key: 'a' }], /missing required field "converted_type"/],
    [[{ action: 'replace', key: 'a' }], /unknown value "replace"/],
  ]
  for (const [attributes, error] of refused) {
    test(`refuses ${JSON.stringify(attributes)}`, () =>
      assert.throws(() => resource.schema.parse({ attributes }), error))
  }
})
