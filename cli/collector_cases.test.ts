import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { components } from '../components.ts'
import { isContrib } from '../config/contrib.ts'
import { toPlain } from '../config/expanded.ts'
import { Opaque } from '../config/fields.ts'
import { ConfigError, type Issue } from '../config/issue.ts'
import { type Configuration, readConfiguration } from '../config/read.ts'
import { Registry } from '../config/registry.ts'
import { standIns } from '../config/testdata/stand_ins.ts'
import { parseYaml } from '../config/yaml.ts'
import { readOptions } from './configuration.ts'
import { parseCommandLine } from './parse.ts'

/** What the OpenTelemetry Collector v0.159 answered to a small configuration. */
interface Case {
  readonly name: string
  readonly files: readonly string[]
  /** Files beside them, by name. */
  readonly extra?: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly want: 'ok' | 'error'
  /** Each is part of the output. */
  readonly contains: readonly string[]
  /** Where the mistake is; `also` are other places that a reader would accept. */
  readonly line: number | null
  readonly also?: readonly number[]
  /** The Collector takes it, but a refusal at that line is as good. */
  readonly lenient?: boolean
  /** Values after defaults; durations in nanoseconds. */
  readonly resolved?: Readonly<Record<string, unknown>>
}

const weir = new Registry(components)
await weir.loadAll()
const registry = new Registry([
  ...components,
  ...standIns.filter(({ kind, type }) => weir.find(kind, type) === undefined),
])
const DATA = new URL('../../config/testdata/collector_cases.json', import.meta.url)
const cases = JSON.parse(readFileSync(DATA, 'utf8')) as readonly Case[]

interface Answer {
  readonly configuration?: Configuration
  readonly issues: readonly Issue[]
  readonly text: string
}

async function inDirectory<T>(one: Case, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-config-'))
  try {
    one.files.forEach((text, i) => {
      writeFileSync(join(directory, `${i}.yaml`), text)
    })
    for (const [name, text] of Object.entries(one.extra ?? {})) {
      writeFileSync(join(directory, name), text)
    }
    return await use(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function optionsOf(one: Case, directory: string) {
  const files = one.files.flatMap((_, i) => ['--config', `${i}.yaml`])
  const request = parseCommandLine(['validate', ...files, ...one.args])
  assert.equal(request.kind, 'verb')
  return { ...readOptions(request.args), env: one.env, directory }
}

const answer = (one: Case): Promise<Answer> =>
  inDirectory(one, async (directory) => {
    try {
      const configuration = await readConfiguration(optionsOf(one, directory), registry)
      return { configuration, issues: configuration.issues, text: '' }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return { issues: error.issues, text: error.message }
    }
  })

/** `exporters::otlp_http::timeout` of what was read. */
function resolve(configuration: Configuration, path: string): unknown {
  const [section = '', ...rest] = path.split('::')
  const { pipelines, telemetry } = configuration
  const services = { pipelines: pipelines.pipelines, telemetry, extensions: [] }
  let value: unknown = { ...pipelines, service: services }
  for (const key of [section, ...rest]) {
    const inner = value instanceof Map ? value.get(key) : Object(value)[key]
    value = inner?.factory === undefined ? inner : inner.config
  }
  return value instanceof Opaque ? value.reveal() : value
}

const MS_TO_NS = 1e6

/** What is not as the Collector has it, or nothing. */
async function differences(one: Case): Promise<readonly string[]> {
  const { configuration, issues, text } = await answer(one)
  const places = [one.line, ...(one.also ?? [])]
  const errors = issues.filter(({ severity }) => severity === 'error')
  if (one.want === 'ok' && text !== '') {
    const refusedThere = one.lenient && errors.every(({ origin }) => origin?.line === one.line)
    return refusedThere ? [] : [`refused: ${text}`]
  }
  if (configuration !== undefined) {
    if (one.want === 'error') return ['accepted']
    return Object.entries(one.resolved ?? {}).flatMap(([path, want]) => {
      const found = resolve(configuration, path)
      const same = isDeepStrictEqual(found ?? null, want) || Number(found) * MS_TO_NS === want
      return same ? [] : [`${path}: ${JSON.stringify(found)}, want ${JSON.stringify(want)}`]
    })
  }
  const missing = one.contains.filter((part) => !text.includes(part))
  const there = one.line === null || errors.some(({ origin }) => places.includes(origin?.line ?? 0))
  return [
    ...missing.map((part) => `not said: ${part}`),
    ...(there ? [] : [`not at line ${places}`]),
    ...(missing.length > 0 || !there ? [text] : []),
  ]
}

/** What a case needs that weir has not yet, as `receiver otlp`. */
function lacks(one: Case): readonly string[] {
  const sections = one.files.map((text) => toPlain(parseYaml(text, one.name).node))
  const lacking = new Set<string>()
  for (const kind of ['receiver', 'processor', 'exporter', 'extension', 'connector'] as const) {
    for (const section of sections) {
      for (const id of Object.keys(Object(Object(section)[`${kind}s`]))) {
        const type = id.split('/', 1)[0]?.trim() ?? ''
        if (weir.find(kind, type) === undefined && isContrib(kind, type))
          lacking.add(`${kind} ${type}`)
      }
    }
  }
  if (/\bprofiles:/.test(one.files.join())) lacking.add('profiles')
  return [...lacking]
}

/**
 * The cases that may differ, because of what weir lacks, with what that is. A mistake puts another case among them and fails here;
 * `UPDATE_GOLDEN=1` takes those away that a new component now answers.
 */
const WAITING = new URL('../../config/testdata/waiting_cases.json', import.meta.url)

/** Where weir means to answer otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'no config flag': 'weir has a configuration of its own',
}

describe("the Collector's answers", () => {
  const waiting: Record<string, string> = {}
  for (const one of cases.filter(({ name }) => OTHERWISE[name] === undefined)) {
    test(one.name, async () => {
      const different = await differences(one)
      const lacking = lacks(one)
      if (different.length > 0 && lacking.length > 0) waiting[one.name] = lacking.join(', ')
      else assert.deepEqual(different, [])
    })
  }
  test('no other case waits for a component', () => {
    if (process.env['UPDATE_GOLDEN']) {
      writeFileSync(WAITING, `${JSON.stringify(waiting, null, 2)}\n`)
    }
    const known: object = JSON.parse(readFileSync(WAITING, 'utf8'))
    const others = Object.keys(waiting).filter((name) => !Object.hasOwn(known, name))
    assert.deepEqual(others, [])
  })
})
