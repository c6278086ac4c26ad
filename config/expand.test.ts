// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how references are written
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { expand, findReference } from './expand.ts'
import { Double, toPlain, toTyped } from './expanded.ts'
import { formatIssue } from './issue.ts'
import { parseYaml } from './yaml.ts'

const directory = mkdtempSync(join(tmpdir(), 'weir-expand-'))
after(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'part.yaml'), 'x: ${env:NAME}\ny: [1, 2]\n')
writeFileSync(join(directory, 'word.txt'), 'north-2\n')

const env = {
  NAME: 'east',
  EMPTY: '',
  NUMBER: '0123',
  LIST: '- a\n- ${env:NAME}',
  QUOTED: '"0123"',
  ONE: '1.0',
  DOLLARS: 'a$$b$c',
  BROKEN: '{a: [',
  WHICH: 'NAME',
  SELF: '${env:SELF}',
  TWIN: '${env:TWIN}${env:TWIN}',
  DEEPER: 'a: ${env:DEEPER}',
  TREE: '{a: ${env:TREE}, b: ${env:TREE}}',
}

const run = (text: string) => expand(parseYaml(text, 'a.yaml').node, { env, directory })

type Row = [name: string, yaml: string, want: unknown]
const rows: Row[] = [
  ['a variable', 'v: ${env:NAME}', 'east'],
  ['without scheme it is a variable', 'v: ${NAME}', 'east'],
  ['inside a text', 'v: a-${NAME}-b', 'a-east-b'],
  ['twice', 'v: ${NAME}${NAME}', 'easteast'],
  ['a variable that is not set', 'v: ${env:NOT_SET}', null],
  ['a default', 'v: ${env:NOT_SET:-7s}', '7s'],
  ['a default is YAML', 'v: ${env:NOT_SET:-[a, 1]}', ['a', 1]],
  ['an empty default is an empty text', 'v: ${env:NOT_SET:-}', ''],
  ['no default for one that is set and empty', 'v: ${env:EMPTY:-x}', null],
  ['YAML in a variable', 'v: ${env:NUMBER}', 83],
  ['a list in a variable, with a reference', 'v: ${env:LIST}', ['a', 'east']],
  ['quotes of a variable stay', 'v: ${env:QUOTED}', '"0123"'],
  ['no YAML in a variable stays text', 'v: ${env:BROKEN}', '{a: ['],
  ['nested', 'v: ${env:${env:WHICH}}', 'east'],
  ['a dollar without braces is a dollar', 'v: $NAME', '$NAME'],
  ['two dollars are one', 'v: a$$b', 'a$b'],
  ['an escaped reference', 'v: $${env:NAME}', '${env:NAME}'],
  ['an escaped dollar before a reference', 'v: $$${env:NAME}', '$east'],
  ['what follows an escaped one stays', 'v: $${A} ${env:NAME}', '${A} ${env:NAME}'],
  ['dollars of a variable are unescaped too', 'v: ${env:DOLLARS}', 'a$b$c'],
  ['a file', 'v: ${file:part.yaml}', { x: 'east', y: [1, 2] }],
  ['a text file keeps its end of line', 'v: ${file:word.txt}', 'north-2\n'],
  ['YAML as it stands', 'v: "${yaml:[1, 2]}"', [1, 2]],
  ['keys are left alone', '"${env:NAME}": 1\nv: 2', 2],
]

describe('expand', () => {
  for (const [name, yaml, want] of rows) {
    test(name, async () => {
      const plain = toPlain((await run(yaml)).node) as { readonly v: unknown }
      assert.deepEqual(JSON.parse(JSON.stringify(plain.v)), want)
    })
  }

  test('a URL', async () => {
    const server = createServer((_, response) => response.end('a: 5'))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    try {
      const { node } = await run(`v: \${http://127.0.0.1:${address.port}/part}`)
      assert.deepEqual(JSON.parse(JSON.stringify(toPlain(node))), { v: { a: 5 } })
    } finally {
      server.close()
    }
  })

  test('a string field gets the text, a number field the number', async () => {
    const { node } = await run('v: ${env:NUMBER}')
    const entry = node.value instanceof Map ? node.value.get('v') : undefined
    assert.deepEqual(entry?.node, {
      value: 83,
      text: '0123',
      origin: { source: 'a.yaml', line: 1, column: 4, via: 'env:NUMBER' },
    })
  })

  test('what a file gave has the place of the reference and its own', async () => {
    const { node } = await run('v: ${file:part.yaml}')
    const part = node.value instanceof Map ? node.value.get('v')?.node.value : undefined
    const y = part instanceof Map ? part.get('y') : undefined
    assert.deepEqual(y?.key, { source: 'a.yaml', line: 1, column: 4, via: 'part.yaml:2:1' })
  })
})

describe('fractions without a fraction', () => {
  const rows: Row[] = [
    ['an integer', 'v: 1', 1],
    ['with a point', 'v: 1.0', new Double(1)],
    ['with an exponent', 'v: [-2e3, 0x1e]', [new Double(-2000), 30]],
    ['a text', 'v: "1.0"', '1.0'],
    ['a variable', 'v: ${env:ONE}', new Double(1)],
  ]
  for (const [name, yaml, want] of rows) {
    test(name, async () => {
      const typed = toTyped((await run(yaml)).node) as { readonly v: unknown }
      assert.deepEqual(typed.v, want)
    })
  }
})

type Refusal = [name: string, yaml: string, want: string]
const refusals: Refusal[] = [
  [
    'a bad name',
    'v: ${env:1X}',
    'environment variable "1X" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$',
  ],
  [
    'a default without env',
    'v: ${NAME:-x}',
    'scheme "NAME" is not supported for uri "NAME:-x": a default is written ${env:NAME:-x}',
  ],
  [
    'a file that is not there',
    'v: ${file:gone}',
    'unable to read the file file:gone: open gone: no such file or directory',
  ],
  [
    'a dollar in an address',
    'v: ${file:a$b}',
    'the uri "file:a$b" contains unsupported characters (\'$\')',
  ],
  ['a variable of itself', 'v: ${env:SELF}', 'too many recursive expansions'],
  ['one that doubles', 'v: ${env:TWIN}', 'too many recursive expansions'],
  ['one that branches', 'v: ${env:TREE}', 'too many recursive expansions'],
]

describe('a reference that cannot be followed', () => {
  for (const [name, yaml, want] of refusals) {
    test(name, async () => {
      const { issues } = await run(yaml)
      const [first = '', ...others] = issues.map(formatIssue)
      assert.match(first, /^a\.yaml:1:4(: v)+/)
      assert.ok(first.includes(want), first)
      assert.deepEqual(others, [])
    })
  }

  test('the path of one that goes ever deeper is cut', async () => {
    const { issues } = await run('v: ${env:DEEPER}')
    assert.deepEqual(issues.map(formatIssue), [
      `a.yaml:1:4: ${['v', ...Array(19).fill('a')].join('::')}::...: too many recursive expansions (from env:DEEPER)`,
    ])
  })

  test('each one is reported', async () => {
    const { issues } = await run('a: ${env:1X}\nb: ${nosuch:x}\nc: ${env:NOT_SET}\n')
    const severities = issues.map(({ severity }) => severity)
    assert.deepEqual(severities, ['error', 'error', 'warning'])
  })
})

test('findReference takes the innermost one first', () => {
  assert.equal(findReference('${env:${env:A}}'), '${env:A}')
  assert.equal(findReference('a } ${b}'), '${b}')
  assert.equal(findReference('$${a}'), undefined)
  assert.equal(findReference('${a'), undefined)
})
