import { createRequire } from 'node:module'
import type { XmlNode } from './node.ts'

/** The nodes of a document to which it leads, in their order. */
export type XPath = (document: XmlNode) => readonly XmlNode[]

interface Compiled {
  evaluate(options: { readonly node: XmlNode }): {
    toArray?(): readonly XmlNode[]
  }
}

let library: { parse(source: string): Compiled } | undefined

/** Loaded with the first path. Throws what is wrong with it. Source: https://www.w3.org/TR/1999/REC-xpath-19991116/ */
export function compileXPath(source: string): XPath {
  library ??= createRequire(import.meta.url)('xpath') as typeof library
  const compiled = library?.parse(source)
  // A path that gives a number or a text leads nowhere.
  return (document) => compiled?.evaluate({ node: document }).toArray?.() ?? []
}
