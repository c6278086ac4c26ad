import { len, varint } from '../../../../pipeline/codec/wire.ts'
import { string } from '../../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import { ATTR_WEIR_PARTIAL } from '../../partial.ts'
import type { Role } from '../../role.ts'
import { encoded, encodedAttributes } from './plain_attributes.ts'
import { PLAIN_METHODS } from './plain_request.ts'
import {
  KNOWN_METHODS,
  routeAttribute,
  SCHEMES,
  type Scheme,
  spanName,
  statusAttributes,
} from './span.ts'

/** Encoded routes that are kept: more than a service has, unless each path is one. */
const ROUTES_MAX = 1024
const EMPTY = Buffer.alloc(0)

/** What a route says of its requests, encoded. */
export interface Routed {
  /** Fields 5 and 6 of a Span. */
  readonly nameAndKind: Uint8Array
  readonly attribute: Uint8Array
}

/** What the route of a request says, by route, of one method. */
class RouteParts {
  readonly #role: Role
  readonly #method: string
  readonly #known = new Map<string, Routed>()

  constructor(role: Role, method: string) {
    this.#role = role
    this.#method = method
  }

  of(route: string): Routed {
    return this.#known.get(route) ?? this.#make(route)
  }

  #make(route: string): Routed {
    const nameAndKind = encoded((w) => {
      w.string(len(5), spanName(this.#method, route))
      w.int32(varint(6), SpanKind[this.#role])
    })
    const attribute = route === '' ? EMPTY : encodedAttributes([routeAttribute(this.#role, route)])
    const routed = { nameAndKind, attribute }
    if (this.#known.size >= ROUTES_MAX) this.#known.clear()
    this.#known.set(route, routed)
    return routed
  }
}

/** What spans of one role have in common, encoded once for all connections. */
class RoleParts {
  readonly #role: Role
  /** By method, as PLAIN_METHODS has them. */
  readonly routes: readonly RouteParts[]
  /** Attributes in front of the target's, by method. */
  readonly methods: readonly Uint8Array[]
  readonly #outcomes: (Uint8Array | undefined)[] = []

  constructor(role: Role, scheme: Scheme) {
    this.#role = role
    this.routes = PLAIN_METHODS.map((method) => new RouteParts(role, method))
    this.methods = PLAIN_METHODS.map((method) => {
      const attribute = KNOWN_METHODS.get(method)
      const attributes = attribute === undefined ? [] : [attribute]
      return encodedAttributes(role === 'client' ? attributes : [...attributes, SCHEMES[scheme]])
    })
  }

  /** The attributes that a status gives; it has three digits. */
  outcome(status: number): Uint8Array {
    const known = this.#outcomes[status]
    if (known !== undefined) return known
    const made = encodedAttributes(statusAttributes(status, this.#role))
    this.#outcomes[status] = made
    return made
  }
}

const partials = new Map<string, Uint8Array>()

/** The attribute that says why an exchange was seen only in part; of reasons there are few. */
export function partialPart(reason: string): Uint8Array {
  const known = partials.get(reason)
  if (known !== undefined) return known
  const made = encodedAttributes([string(ATTR_WEIR_PARTIAL, reason)])
  partials.set(reason, made)
  return made
}

const SERVER = new RoleParts('server', 'http')
const TLS_SERVER = new RoleParts('server', 'https')
const CLIENT = new RoleParts('client', 'http')

export function partsOf(role: Role, tls: boolean): RoleParts {
  if (role === 'client') return CLIENT
  return tls ? TLS_SERVER : SERVER
}
