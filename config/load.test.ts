// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how references are written
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { toPlain } from './expanded.ts'
import { ConfigError } from './issue.ts'
import { type LoadOptions, load } from './load.ts'

const directory = mkdtempSync(join(tmpdir(), 'weir-load-'))
after(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'a.yaml'), 'x: {p: 1, q: 2}\nl: [1, 2]\ns: ${env:WORD}\n')
writeFileSync(join(directory, 'b.yaml'), 'x: {q: 3}\nl: [3]\n')
writeFileSync(join(directory, 'null.yaml'), 'x:\n')
writeFileSync(join(directory, 'word.yaml'), 'word\n')
writeFileSync(join(directory, 'bad.yaml'), 'a: [\n')
writeFileSync(
  join(directory, 'one.yaml'),
  'service: {extensions: [a], pipelines: {traces: {receivers: [r], processors: [p]}}}',
)
writeFileSync(
  join(directory, 'two.yaml'),
  'service: {extensions: [a, b], pipelines: {traces: {receivers: [s], processors: [q]}}}',
)

const env = { WORD: 'hello', WHOLE: 'x: {r: 9}' }
const run = async (uris: string[], more: Partial<LoadOptions> = {}): Promise<unknown> => {
  const { root } = await load({ uris, env, directory, ...more })
  return JSON.parse(JSON.stringify(toPlain(root)))
}

type Row = [name: string, uris: string[], more: Partial<LoadOptions>, want: unknown]
const A = { x: { p: 1, q: 2 }, l: [1, 2], s: 'hello' }
const rows: Row[] = [
  ['one file', ['a.yaml'], {}, A],
  ['with its scheme', ['file:a.yaml'], {}, A],
  ['maps join, lists are replaced', ['a.yaml', 'b.yaml'], {}, { ...A, x: { p: 1, q: 3 }, l: [3] }],
  ['null erases', ['a.yaml', 'null.yaml'], {}, { ...A, x: null }],
  ['a variable', ['a.yaml', 'env:WHOLE'], {}, { ...A, x: { p: 1, q: 2, r: 9 } }],
  ['YAML on the command line', ['a.yaml', 'yaml:x::p: 7'], {}, { ...A, x: { p: 7, q: 2 } }],
  [
    '--set wins',
    ['a.yaml'],
    { sets: ['x.p=[1, 2]', 's=a=b'] },
    { ...A, x: { p: [1, 2], q: 2 }, s: 'a=b' },
  ],
  [
    'lists of components are replaced',
    ['one.yaml', 'two.yaml'],
    {},
    {
      service: {
        extensions: ['a', 'b'],
        pipelines: { traces: { receivers: ['s'], processors: ['q'] } },
      },
    },
  ],
  [
    'lists of components are appended with the gate',
    ['one.yaml', 'two.yaml'],
    { gates: new Set(['confmap.enableMergeAppendOption']) },
    {
      service: {
        extensions: ['a', 'b'],
        pipelines: { traces: { receivers: ['r', 's'], processors: ['q'] } },
      },
    },
  ],
]

describe('load', () => {
  for (const [name, uris, more, want] of rows) {
    test(name, async () => assert.deepEqual(await run(uris, more), want))
  }
})

type Refusal = [name: string, uris: string[], sets: string[], want: RegExp]
const refusals: Refusal[] = [
  ['no source', [], [], /^at least one config flag must be provided$/],
  ['an unset variable', ['env:NOT_SET'], [], /NOT_SET[\s\S]*empty configuration file/],
  [
    'a word',
    ['word.yaml'],
    [],
    /^word\.yaml:1:1: retrieved value \(type=string\) cannot be used as a Conf/,
  ],
  [
    'a missing file',
    ['gone.yaml'],
    [],
    /^cannot resolve the configuration: .* open gone\.yaml: no such file/,
  ],
  ['a folder', ['.'], [], /open \.: is a directory/],
  [
    'a scheme that there is not',
    ['s3:bucket'],
    [],
    /scheme "s3" is not supported for uri "s3:bucket"/,
  ],
  [
    '--set without a value',
    ['a.yaml'],
    ['x.p'],
    /invalid argument "x\.p" for "--set" flag: missing equal sign/,
  ],
  [
    'all of them at once',
    ['gone.yaml', 'bad.yaml'],
    ['x'],
    /gone\.yaml[\s\S]*bad\.yaml:\d:\d[\s\S]*missing equal sign/,
  ],
]

describe('a configuration that cannot be loaded', () => {
  for (const [name, uris, sets, want] of refusals) {
    test(name, async () => {
      await assert.rejects(run(uris, { sets }), (error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, want)
        return true
      })
    })
  }
})
