import { type Attribute, string } from '../../pipeline/data/attributes.ts'
import type { Texts } from '../../pipeline/k8s/objects.ts'
import { compileExpression, compileTemplate } from '../../pipeline/regexp.ts'
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
  const plainTag = (found: string) => `k8s.${from}.${what}.${found}`
  if (key !== '') {
    return { tagFor: (found) => (found === key ? tag_name || plainTag(found) : undefined) }
  }
  const expression = compileExpression(`^(?:${key_regex})$`)
  // As in the Collector: of an expression without groups all keys have names of their own.
  const isNamed = tag_name !== '' && expression.names.length > 0
  const tagOf = compileTemplate(tag_name, expression.names)
  return {
    tagFor(found) {
      const groups = expression.groups(found)
      if (groups === undefined) return undefined
      return isNamed ? tagOf([found, ...groups]) : plainTag(found)
    },
  }
}
