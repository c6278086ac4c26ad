import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { type Attributes, string } from '../../data/attributes.ts'
import { compileExpression, type Expression } from '../../regexp.ts'
import { converter } from '../function.ts'
import { kvlist } from '../value.ts'

/** An entry of a list: where a replacement is missing, the group of its place counts. */
interface Rule {
  readonly regex: string
  readonly name: string | undefined
  readonly version: readonly (string | undefined)[]
}

interface Named {
  readonly name: string
  readonly version: string
}

/** What a list of rules is called, and its replacements: of the name, then of the parts of the version. */
const LISTS = {
  agents: [
    'user_agent_parsers',
    ['family_replacement', 'v1_replacement', 'v2_replacement', 'v3_replacement'],
  ],
  systems: [
    'os_parsers',
    [
      'os_replacement',
      'os_v1_replacement',
      'os_v2_replacement',
      'os_v3_replacement',
      'os_v4_replacement',
    ],
  ],
} as const

const UNKNOWN: Named = { name: 'Other', version: '' }
/** Programs that ask are few, and each text costs a search through all rules. */
const MAX_KNOWN = 4096

/** Who sends a text as its User-Agent, and on what. Source: https://github.com/ua-parser/uap-core/blob/master/docs/specification.md */
export const userAgent = converter('UserAgent', ['user_agent'], (args) => {
  const value = args.text('user_agent')
  const known = new Map<string, Attributes>()
  const lists = allRules()
  return (frame) => {
    const original = value(frame)
    let found = known.get(original)
    if (found === undefined) {
      found = attributesOf(original, lists)
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(original, found)
    }
    return kvlist(found)
  }
})

interface Lists {
  readonly agents: readonly Rule[]
  readonly systems: readonly Rule[]
}

function attributesOf(original: string, { agents, systems }: Lists): Attributes {
  const agent = nameOf(original, agents)
  const system = nameOf(original, systems)
  return [
    string('user_agent.name', agent.name),
    string('user_agent.version', agent.version),
    string('user_agent.original', original),
    string('os.name', system.name),
    ...(system.version === '' ? [] : [string('os.version', system.version)]),
  ]
}

let read: Lists | undefined
const compiled = new Map<Rule, Expression>()

/** Read when the first statement asks: who does not ask pays nothing. What follows is of devices, and as long. */
function allRules(): Lists {
  if (read !== undefined) return read
  const folder = dirname(createRequire(import.meta.url).resolve('uap-core/package.json'))
  const file = readFileSync(join(folder, 'regexes.yaml'), 'utf8')
  const plain: PlainLists = parse(file.slice(0, file.indexOf('\ndevice_parsers:')))
  read = { agents: rulesOf(plain, 'agents'), systems: rulesOf(plain, 'systems') }
  return read
}

type PlainLists = Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>

function rulesOf(plain: PlainLists, list: keyof typeof LISTS): readonly Rule[] {
  const [key, [ofName, ...ofVersion]] = LISTS[list]
  return (plain[key] ?? []).map((rule) => ({
    regex: rule['regex'] ?? '',
    name: rule[ofName],
    version: ofVersion.map((part) => rule[part]),
  }))
}

function nameOf(original: string, rules: readonly Rule[]): Named {
  for (const rule of rules) {
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
  const parts = rule.version.map((part, i) => filled(part, i + 1))
  const end = parts.indexOf('')
  return {
    name: filled(rule.name, 0),
    version: parts.slice(0, end < 0 ? parts.length : end).join('.'),
  }
}
