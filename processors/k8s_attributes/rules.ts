import { type Attribute, string } from '../../pipeline/data/attributes.ts'
import type { Texts } from '../../pipeline/k8s/objects.ts'
import { compileExpression } from '../../pipeline/regexp.ts'
import type { FieldRule, Origin } from './config.ts'

/** Attributes by the labels or annotations of one kind of object. */
export interface Rules {
  readonly wants: (key: string) => boolean
  readonly attributes: (texts: Texts) => Attribute[]
}

interface Rule {
  /** The attribute that a key gives, if any. */
  tagFor(key: string): string | undefined
}

/** The rules for what is `from` one kind of object. */
export function rulesFor(rules: readonly FieldRule[], from: Origin, what: string): Rules {
  const own = rules.filter((rule) => rule.from === from).map((rule) => compile(rule, from, what))
  return {
    wants: (key) => own.some((rule) => rule.tagFor(key) !== undefined),
    attributes: (texts) =>
      own.flatMap((rule) =>
        Object.entries(texts).flatMap(([key, value]) => {
          const tag = rule.tagFor(key)
          return tag === undefined ? [] : [string(tag, value)]
        }),
      ),
  }
}

function compile({ key, key_regex, tag_name }: FieldRule, from: Origin, what: string): Rule {
  const ownTag = (found: string) => tag_name || `k8s.${from}.${what}.${found}`
  if (key !== '') return { tagFor: (found) => (found === key ? ownTag(found) : undefined) }
  const expression = compileExpression(`^(?:${key_regex})$`)
  return {
    tagFor(found) {
      const groups = expression.groups(found)
      if (groups === undefined) return undefined
      const part = (reference: string) => [found, ...groups][Number(reference)] ?? ''
      return ownTag(found).replaceAll(/\$(?:\{(\d+)\}|(\d+))/g, (_, a, b) => part(a ?? b))
    },
  }
}
