import type { AnyValue, Attribute, Attributes } from '../../pipeline/data/attributes.ts'
import { string } from '../../pipeline/data/attributes.ts'
import { type Span, SpanKind } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import type { RedactionConfig } from './config.ts'
import { DatabaseSanitizer, systemOf } from './database.ts'
import { Rules, SUMMARY_KEYS } from './rules.ts'
import { Done, summarized } from './summary.ts'
import { nameWithoutIds, textWithoutIds, withoutIds } from './url.ts'

/** Any of them says that a span is of HTTP. */
const HTTP_KEYS = new Set(
  'http.route http.request.method http.request.method_original http.response.status_code url.full http.scheme http.target http.method http.url'.split(
    ' ',
  ),
)

/** What is done to attributes, names and bodies. */
export class Redactor {
  readonly #config: RedactionConfig
  readonly #rules: Rules
  readonly #urls: ReadonlySet<string>
  readonly #databases: DatabaseSanitizer

  constructor(config: RedactionConfig, { ofLogs }: { readonly ofLogs: boolean }) {
    this.#config = config
    this.#rules = new Rules(config)
    this.#urls = new Set(config.url_sanitizer.enabled ? config.url_sanitizer.attributes : [])
    this.#databases = new DatabaseSanitizer(config.db_sanitizer, ofLogs)
  }

  /** The very list if nothing is to be done to it. */
  attributes(attributes: Attributes): Attributes {
    const done = new Done()
    const system = systemOf(attributes)
    let changed = false
    const kept: Attribute[] = []
    for (const one of attributes) {
      const after = this.#attribute(one, system, done)
      changed ||= after !== one
      if (after !== undefined) kept.push(after)
    }
    const found = changed ? kept : attributes
    return summarized(found, SUMMARY_KEYS.attributes, done, this.#config.summary)
  }

  #attribute(one: Attribute, system: string, done: Done): Attribute | undefined {
    const { key, value } = one
    if (this.#rules.ignores(key)) {
      done.ignored.push(key)
      return one
    }
    if (this.#rules.removes(key)) {
      done.redacted.push(key)
      return undefined
    }
    const text = this.#textOf(value)
    if (this.#rules.allows(text)) {
      done.allowed.push(key)
      return one
    }
    const after = this.#rules.blocks(key)
      ? this.#rules.mask(text)
      : this.#attributeText(text, key, system)
    if (after === text) return one
    done.masked.push(key)
    return string(key, after)
  }

  #textOf(value: AnyValue): string {
    if (value.kind === 'string') return value.value
    return this.#config.redact_all_types ? valueText(value) : ''
  }

  #attributeText(text: string, key: string, system: string): string {
    const masked = this.#rules.masked(text)
    const url = this.#urls.has(key) ? withoutIds(masked) : masked
    return this.#databases.attribute(url, key, system)
  }

  /** The body of a log record and, if something was done to it, attributes that tell so. */
  body(body: AnyValue, attributes: Attributes): readonly [AnyValue, Attributes] {
    const done = new Done()
    const after = this.#bodyValue(body, '', done)
    return [after, summarized(attributes, SUMMARY_KEYS.body, done, this.#config.summary)]
  }

  #bodyValue(value: AnyValue, path: string, done: Done): AnyValue {
    switch (value.kind) {
      case 'kvlist':
        return { kind: 'kvlist', value: this.#bodyMap(value.value, path, done) }
      case 'array':
        return {
          kind: 'array',
          value: value.value.map((one, i) => this.#bodyValue(one, joined(path, `[${i}]`), done)),
        }
      default:
        return this.#bodyText(value, path, done)
    }
  }

  #bodyMap(entries: Attributes, path: string, done: Done): Attributes {
    return entries.flatMap(({ key, value }) => {
      const at = joined(path, key)
      if (this.#rules.ignores(key)) {
        done.ignored.push(at)
        return { key, value }
      }
      if (this.#rules.removes(key)) {
        done.redacted.push(at)
        return []
      }
      if (!this.#rules.blocks(key)) return { key, value: this.#bodyValue(value, at, done) }
      done.masked.push(at)
      return string(key, this.#rules.mask(valueText(value)))
    })
  }

  #bodyText(value: AnyValue, path: string, done: Done): AnyValue {
    const text = valueText(value)
    if (this.#rules.allows(text)) {
      if (path !== '') done.allowed.push(path)
      return value
    }
    const masked = this.#rules.masked(text)
    const url = this.#config.url_sanitizer.enabled ? textWithoutIds(masked) : masked
    const after = this.#databases.body(url)
    if (after === text) return value
    done.masked.push(path === '' ? 'body' : path)
    return { kind: 'string', value: after }
  }

  spanName({ name, kind, attributes }: Span): string {
    if (this.#rules.allows(name)) return name
    const { url_sanitizer: url, db_sanitizer: database } = this.#config
    const { client, server, internal } = SpanKind
    const speaks = kind === client || kind === server
    if (url.enabled && url.sanitize_span_name && speaks && isHttp(name, attributes)) {
      const found = nameWithoutIds(name)
      if (found !== name) return found
    }
    if (!database.sanitize_span_name || !(speaks || kind === internal)) return name
    return this.#databases.spanName(name, systemOf(attributes)) || name
  }
}

const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const isHttp = (name: string, attributes: Attributes): boolean =>
  name.includes('/') || attributes.some(({ key }) => HTTP_KEYS.has(key))
