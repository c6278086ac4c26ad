import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { string } from '../../data/attributes.ts'
import { compileExpression, type Expression } from '../../regexp.ts'
import { converter } from '../function.ts'
import { kvlist } from '../value.ts'

/** An entry of `user_agent_parsers`. */
interface Rule {
  readonly regex: string
  readonly family_replacement?: string
  readonly v1_replacement?: string
  readonly v2_replacement?: string
  readonly v3_replacement?: string
}

interface Named {
  readonly name: string
  readonly version: string
}

const UNKNOWN: Named = { name: 'Other', version: '' }
/** Programs that ask are few, and each text costs a search through all rules. */
const MAX_KNOWN = 4096

/** Who sends a text as its User-Agent. Source: https://github.com/ua-parser/uap-core/blob/master/docs/specification.md */
export const userAgent = converter('UserAgent', ['user_agent'], (args) => {
  const value = args.text('user_agent')
  const known = new Map<string, Named>()
  rules ??= readRules()
  return (frame) => {
    const original = value(frame)
    let found = known.get(original)
    if (found === undefined) {
      found = nameOf(original)
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(original, found)
    }
    return kvlist([
      string('user_agent.name', found.name),
      string('user_agent.version', found.version),
      string('user_agent.original', original),
    ])
  }
})

let rules: readonly Rule[] | undefined
const compiled = new Map<Rule, Expression>()

/** Read when the first statement asks: who does not ask pays nothing. What follows is of systems and devices, and twice as long. */
function readRules(): readonly Rule[] {
  const folder = dirname(createRequire(import.meta.url).resolve('uap-core/package.json'))
  const [ofAgents = ''] = readFileSync(join(folder, 'regexes.yaml'), 'utf8').split('\nos_parsers:')
  return (parse(ofAgents) as { readonly user_agent_parsers: readonly Rule[] }).user_agent_parsers
}

function nameOf(original: string): Named {
  for (const rule of rules ?? []) {
    const groups = expressionOf(rule).groups(original)
    if (groups !== undefined) return named(rule, groups)
  }
  return UNKNOWN
}

function expressionOf(rule: Rule): Expression {
  let expression = compiled.get(rule)
  if (expression === undefined) {
    expression = compileExpression(rule.regex)
    compiled.set(rule, expression)
  }
  return expression
}

function named(rule: Rule, groups: readonly string[]): Named {
  const filled = (template: string | undefined, group: number) =>
    template === undefined
      ? (groups[group] ?? '')
      : template.replace(/\$(\d)/g, (_, digit: string) => groups[Number(digit) - 1] ?? '').trim()
  const parts = [
    filled(rule.v1_replacement, 1),
    filled(rule.v2_replacement, 2),
    filled(rule.v3_replacement, 3),
  ]
  const end = parts.indexOf('')
  return {
    name: filled(rule.family_replacement, 0),
    version: parts.slice(0, end < 0 ? parts.length : end).join('.'),
  }
}
