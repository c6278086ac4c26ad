import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { closingLine } from './test_counts.ts'

const RUNNER = fileURLToPath(new URL('./test_files.js', import.meta.url))
const IMPORTS = "import { after, before, describe, test } from 'node:test'\n"
const THROWS = "() => { throw new Error('as wanted') }"

type Case = [name: string, program: string, passed: number, failed: number]
const cases: Case[] = [
  ['all is well', `describe('a', () => { test('b', () => {}) })`, 1, 0],
  ['a test throws', `test('a', ${THROWS}); test('b', () => {})`, 1, 1],
  [
    'what comes before a suite throws',
    `describe('a', () => { before(${THROWS}); test('b', () => {}); test('c', () => {}) })`,
    0,
    3,
  ],
  [
    'what comes before a suite of suites throws',
    `describe('a', () => { before(${THROWS}); describe('b', () => { test('c', () => {}) }) })`,
    0,
    2,
  ],
  ['what comes before all throws', `before(${THROWS}); test('a', () => {})`, 0, 1],
  [
    'what comes behind a suite throws',
    `describe('a', () => { after(${THROWS}); test('b', () => {}) })`,
    1,
    1,
  ],
  ['what comes behind all throws', `after(${THROWS}); test('a', () => {})`, 1, 1],
  ['a suite throws', `describe('a', ${THROWS})`, 0, 1],
]

describe('test_files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-test-files-'))
  after(() => rmSync(folder, { recursive: true }))

  /** The runner reads no files where it believes to be a test itself. */
  const { NODE_TEST_CONTEXT: _, ...env } = process.env

  for (const [name, program, passed, failed] of cases) {
    test(name, () => {
      const file = join(folder, 'played.mjs')
      writeFileSync(file, IMPORTS + program)
      const { stdout, status } = spawnSync(process.execPath, [RUNNER, file], {
        encoding: 'utf8',
        env,
      })
      assert.equal(
        stdout.trim().split('\n').at(-1),
        closingLine({ passed, failed, skipped: 0 }),
        stdout,
      )
      assert.equal(status, failed > 0 ? 1 : 0)
    })
  }
})
