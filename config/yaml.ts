import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type ScalarTag,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import type { Entry, Expanded, Origin } from './expanded.ts'
import type { Issue } from './issue.ts'
import { mergeMaps } from './merge.ts'

/** A larger configuration is a mistake, and parsing it would stop the agent for many seconds. */
const MAX_BYTES = 4 << 20
/** Nodes after aliases were followed: more is a bomb of nested anchors. */
const MAX_NODES = 200_000
const MAX_DEPTH = 200
/** Of the line of a syntax error: JSON on one line may have megabytes. */
const SHOWN_COLUMNS = 120
const SHOWN_BEFORE = 80

export interface ParsedYaml {
  readonly node: Expanded
  readonly issues: readonly Issue[]
}

/** Reads the first document of a text in the dialect of the Collector. Never throws: what is wrong is in `issues`. */
export function parseYaml(text: string, source: string): ParsedYaml {
  const origin: Origin = { source, line: 1, column: 1 }
  if (text.length > MAX_BYTES) {
    const message = `the file has ${text.length} bytes, allowed are ${MAX_BYTES}`
    return {
      node: { value: null, origin },
      issues: [{ severity: 'error', origin, path: [], message }],
    }
  }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    customTags: (tags) => [goInt, ...tags.filter((tag) => tag !== 'int' && !isIntTag(tag))],
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const [first, second] = 'empty' in documents ? [] : documents
  if (first === undefined) return { node: { value: null, origin }, issues: [] }
  const converter = new Converter(source, lines, first)
  const issues = tellingErrors(first).map((error) =>
    converter.syntaxError(text, placeOf(error, text), error.message),
  )
  if (issues.length > 0) return { node: { value: null, origin }, issues }
  const node = converter.convert(first.contents, origin)
  if (second !== undefined) converter.warnSecondDocument(second)
  return { node, issues: converter.issues }
}

/** What follows a syntax error follows from it; keys that come twice are mistakes of their own. */
function tellingErrors({ errors }: Document.Parsed): readonly YAMLParseError[] {
  const [broken] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  return broken === undefined ? errors : [broken]
}

/** A key that comes twice is told where what stands before it ends, maybe a line above. */
function placeOf({ code, pos: [offset] }: YAMLParseError, text: string): number {
  return code === 'DUPLICATE_KEY' ? text.length - text.slice(offset).trimStart().length : offset
}

const isIntTag = (tag: unknown): boolean =>
  typeof tag === 'object' && tag !== null && 'tag' in tag && tag.tag === 'tag:yaml.org,2002:int'

/** Integers as Go's YAML reads them: `0123` is octal, `0b11` and `1_000` are numbers. */
const goInt: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  identify: (value) => typeof value === 'number' && Number.isInteger(value),
  resolve(text) {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '')
    const number = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
    return text.startsWith('-') ? -number : number
  },
}

/** Turns the nodes of the `yaml` package into ours, with their places. */
class Converter {
  readonly issues: Issue[] = []
  private readonly source: string
  private readonly lines: LineCounter
  private readonly document: Document.Parsed
  private nodes = 0

  constructor(source: string, lines: LineCounter, document: Document.Parsed) {
    this.source = source
    this.lines = lines
    this.document = document
  }

  convert(node: Node | null, fallback: Origin, depth = 0): Expanded {
    const origin = node?.range ? this.origin(node.range[0]) : fallback
    this.nodes++
    if (this.nodes > MAX_NODES || depth > MAX_DEPTH) return this.tooMuch(origin)
    if (isAlias(node)) return this.convert(node.resolve(this.document) ?? null, origin, depth + 1)
    if (isMap(node)) return { value: this.entries(node, origin, depth), origin }
    if (isSeq(node)) {
      return {
        value: node.items.map((item) => this.convert(item as Node, origin, depth + 1)),
        origin,
      }
    }
    if (!isScalar(node)) return { value: null, origin }
    return { value: scalar(node.value), origin, ...(isWholeFloat(node) && { float: true }) }
  }

  private entries(map: YAMLMap, origin: Origin, depth: number): Map<string, Entry> {
    let entries = new Map<string, Entry>()
    const merged: Expanded[] = []
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = keyText(pair.key)
      const place = pair.key?.range ? this.origin(pair.key.range[0]) : origin
      const node = this.convert(pair.value, place, depth + 1)
      if (key === '<<') merged.push(node)
      else entries = mergeMaps(entries, nested(key, { key: place, node }))
    }
    return merged.length === 0 ? entries : below(merged, entries)
  }

  private tooMuch(origin: Origin): Expanded {
    if (this.issues.length === 0) {
      const message = `too many or too deeply nested values: aliases give more than ${MAX_NODES}, or refer to themselves`
      this.issues.push({ severity: 'error', origin, path: [], message })
    }
    return { value: null, origin }
  }

  private origin(offset: number): Origin {
    const { line, col } = this.lines.linePos(offset)
    return { source: this.source, line, column: col }
  }

  syntaxError(text: string, offset: number, cause: string): Issue {
    const origin = this.origin(Math.min(offset, text.trimEnd().length))
    const { line = 1, column = 1 } = origin
    const whole = (text.split('\n')[line - 1] ?? '').replaceAll('\t', ' ')
    const left = Math.max(0, column - 1 - SHOWN_BEFORE)
    const shown = whole.slice(left, left + SHOWN_COLUMNS)
    const caret = `${' '.repeat(column - 1 - left)}^`
    const why = /call stack/.test(cause) ? 'the values are nested too deeply' : cause
    const message = `invalid YAML, cannot be used as a Conf: ${why}\n    ${shown}\n    ${caret}`
    return { severity: 'error', origin, path: [], message }
  }

  warnSecondDocument(second: Document.Parsed): void {
    const message = 'a second YAML document in one file is ignored'
    const origin = this.origin(second.range[0])
    this.issues.push({ severity: 'warning', origin, path: [], message })
  }
}

const scalar = (value: unknown): string | number | boolean | null =>
  typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value)

const isWholeFloat = ({ value, source = '' }: Scalar): boolean =>
  Number.isInteger(value) && /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(source) && /[.e]/i.test(source)

function keyText(key: Node | null): string {
  if (!isScalar(key)) return String(key ?? '')
  return key.source ?? String(key.value ?? '')
}

/** `a::b: 1` is `a: {b: 1}`. */
function nested(key: string, entry: Entry): Map<string, Entry> {
  const [head = '', ...rest] = key.split('::')
  if (rest.length === 0) return new Map([[head, entry]])
  const node: Expanded = { value: nested(rest.join('::'), entry), origin: entry.key }
  return new Map([[head, { key: entry.key, node }]])
}

/** The maps of `<<` under the keys that a map has itself; the first of several counts. */
function below(merged: readonly Expanded[], own: Map<string, Entry>): Map<string, Entry> {
  const entries = new Map(own)
  for (const { value } of merged.flatMap(listed)) {
    if (!(value instanceof Map)) continue
    for (const [key, entry] of value) if (!entries.has(key)) entries.set(key, entry)
  }
  return entries
}

const listed = (node: Expanded): readonly Expanded[] =>
  Array.isArray(node.value) ? node.value : [node]
