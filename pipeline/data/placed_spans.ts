import { attributesKey } from '../metrics/identity.ts'
import type { Attributes } from './attributes.ts'
import { type TraceBatch, traceBatch } from './batch.ts'
import type { Span } from './traces.ts'

/** A span and where it belongs. */
export interface Placed {
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string }
  readonly span: Span
}

/** One resource for equal attributes, in it one scope for equal names, in the order in which they came. */
export function grouped(all: readonly Placed[]): TraceBatch {
  const resources = new Map<string, Map<string, Placed[]>>()
  for (const one of all) {
    const key = attributesKey(one.resource)
    const scopes = resources.get(key) ?? new Map<string, Placed[]>()
    resources.set(key, scopes)
    const scopeKey = JSON.stringify([one.scope.name, one.scope.version])
    const spans = scopes.get(scopeKey) ?? []
    scopes.set(scopeKey, spans)
    spans.push(one)
  }
  const data = [...resources.values()].map((scopes) => ({
    resource: { attributes: firstOf([...scopes.values()][0]).resource, droppedAttributesCount: 0 },
    scopeSpans: [...scopes.values()].map((spans) => ({
      scope: { ...firstOf(spans).scope, attributes: [], droppedAttributesCount: 0 },
      spans: spans.map(({ span }) => span),
      schemaUrl: '',
    })),
    schemaUrl: '',
  }))
  return traceBatch(data)
}

function firstOf(spans: readonly Placed[] | undefined): Placed {
  const first = spans?.[0]
  if (first === undefined) throw new Error('a group without a span')
  return first
}
