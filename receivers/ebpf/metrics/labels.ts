import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions'
import type { Attribute, Attributes } from '../../../pipeline/data/attributes.ts'
import { keyOf } from '../../../pipeline/metrics/series.ts'
import type { Role } from '../role.ts'
import { HTTP, type Instrument } from './instruments.ts'

/** Labels that are kept for the next time; a scanner's paths must not stay for ever. */
const KNOWN_MAX = 10_000
/** What the requests of one connection share, beside the instrument's own labels. */
const SHARED: ReadonlySet<string> = new Set([
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
])
const STATUS_BITS = 10

/** One set of labels of one instrument. */
export interface Labels {
  readonly instrument: Instrument
  /** Distinct for distinct attributes. */
  readonly key: string
  readonly attributes: Attributes
}

/** Which attributes of spans become labels. The same labels are the same object, as far as they are kept. */
export class LabelBook {
  readonly #dimensions: readonly string[]
  readonly #excluded: ReadonlySet<string>
  readonly #slots = new Map<Instrument, ReadonlyMap<string, number>>()
  readonly #known = new Map<string, Labels>()
  readonly #http = new Map<string, HttpLabels>()
  /** Method, route, status and what connections share suffice for the labels of an exchange over HTTP. */
  readonly readsHeads: boolean

  constructor(dimensions: readonly string[], excluded: ReadonlySet<string>) {
    this.#dimensions = dimensions
    this.#excluded = excluded
    const ofHttp = new Set([...HTTP.server.labels, ...HTTP.client.labels, ...SHARED])
    this.readsHeads = dimensions.every((name) => ofHttp.has(name))
  }

  of(instrument: Instrument, attributes: Attributes): Labels {
    const picked = this.#pick(instrument, attributes)
    const key = keyOf(picked)
    const id = `${instrument.duration}\0${key}`
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const labels = { instrument, key, attributes: picked }
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(id, labels)
    return labels
  }

  /** The labels of exchanges over HTTP that have these attributes in common. */
  ofConnection(role: Role, shared: Attributes): HttpLabels {
    const picked = this.#pick(HTTP[role], shared)
    const id = `${role}\0${keyOf(picked)}`
    const known = this.#http.get(id)
    if (known !== undefined) return known
    const labels = new HttpLabels(this, HTTP[role], picked)
    if (this.#http.size >= KNOWN_MAX) this.#http.clear()
    this.#http.set(id, labels)
    return labels
  }

  /** In the order of the instrument's labels, the dimensions behind them. */
  #pick(instrument: Instrument, attributes: Attributes): Attribute[] {
    const slots = this.#slots.get(instrument) ?? this.#makeSlots(instrument)
    const picked: (Attribute | undefined)[] = new Array(slots.size).fill(undefined)
    for (const one of attributes) {
      const slot = slots.get(one.key)
      if (slot !== undefined) picked[slot] ??= one
    }
    return picked.filter((one) => one !== undefined)
  }

  #makeSlots(instrument: Instrument): ReadonlyMap<string, number> {
    const names = new Set([...instrument.labels, ...this.#dimensions])
    const wanted = [...names].filter((name) => !this.#excluded.has(name))
    const slots = new Map(wanted.map((name, i) => [name, i]))
    this.#slots.set(instrument, slots)
    return slots
  }
}

/** Labels of exchanges that differ in method, route and status alone: found without an attribute being made. */
export class HttpLabels {
  readonly #book: LabelBook
  readonly #instrument: Instrument
  readonly #shared: Attributes
  readonly #byRoute = new Map<string, Map<number, Labels>>()

  constructor(book: LabelBook, instrument: Instrument, shared: Attributes) {
    this.#book = book
    this.#instrument = instrument
    this.#shared = shared
  }

  /** `method` is a small number of the caller's; `own` gives the attributes that the three stand for, the first time. */
  of(route: string, method: number, status: number, own: () => Attributes): Labels {
    const ofRoute = this.#byRoute.get(route) ?? this.#newRoute(route)
    const id = (method << STATUS_BITS) | status
    const known = ofRoute.get(id)
    if (known !== undefined) return known
    const labels = this.#book.of(this.#instrument, [...own(), ...this.#shared])
    ofRoute.set(id, labels)
    return labels
  }

  #newRoute(route: string): Map<number, Labels> {
    if (this.#byRoute.size >= KNOWN_MAX) this.#byRoute.clear()
    const fresh = new Map<number, Labels>()
    this.#byRoute.set(route, fresh)
    return fresh
  }
}
