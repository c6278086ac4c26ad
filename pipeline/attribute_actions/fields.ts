import { anything, enumOf, type Infer, list, object, text } from '../../config/fields.ts'
import { compileExpression, expressionFault } from '../regexp.ts'

const ACTIONS = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const

const action = object({
  key: text().default('').describe('The attribute that is acted on.'),
  action: enumOf(ACTIONS, (found) => `unsupported action ${JSON.stringify(found)}`)
    .anyCase()
    .describe(
      'insert: if absent; update: if present; upsert: both; delete; hash: SHA-256; extract: named groups of pattern; convert: to converted_type.',
    ),
  value: anything().optional().describe('What is set.'),
  from_attribute: text().default('').describe('Set the value of this attribute, if there is one.'),
  from_context: text()
    .default('')
    .describe('Set what the request came with: `metadata.NAME`, `auth.NAME` or `client.address`.'),
  default_value: anything()
    .optional()
    .describe(
      'What is set when from_attribute or from_context finds nothing, or if there is no other source.',
    ),
  pattern: text()
    .default('')
    .describe('A regular expression: of keys for delete and hash, of the value for extract.'),
  converted_type: text().default('').describe('For convert: int, double or string.'),
})

export type ActionConfig = Infer<typeof action>

/** The list of actions of the `resource` and `attributes` processors. At least one is needed. */
export const actionsField = (name: 'actions' | 'attributes') =>
  list(action).check((actions) => {
    if (actions.length === 0)
      return `missing required field "${name}": at least one action must be specified`
    return actions.map(faultOf).find((fault) => fault !== undefined)
  })

const CREATING = 'error creating AttrProc'

/** What is wrong with one action, in the words of the Collector. */
function faultOf(config: ActionConfig, index: number): string | undefined {
  const missing = keyFault(config)
  if (missing !== undefined) return `${CREATING} ${missing} at the ${index}-th action`
  const faults = { set: setFault, match: matchFault, extract: extractFault, convert: convertFault }
  const fault = faults[groupOf(config.action)](config)
  return fault && `error with key ${JSON.stringify(config.key)} (${index}-th action): ${fault}`
}

function groupOf(name: ActionConfig['action']): 'set' | 'match' | 'extract' | 'convert' {
  if (name === 'delete' || name === 'hash') return 'match'
  return name === 'extract' || name === 'convert' ? name : 'set'
}

function keyFault({ action: name, key, pattern }: ActionConfig): string | undefined {
  if (key !== '') return undefined
  if (groupOf(name) !== 'match') return 'due to missing required field "key"'
  if (pattern !== '') return undefined
  return 'due to missing required field (at least one of "key" and "pattern" have to be used)'
}

/** A `value` beside a `default_value` is taken: it is what is set. */
function setFault(config: ActionConfig): string | undefined {
  const sources = sourcesOf(config)
  if (sources === 0 && config.default_value === undefined) {
    return `${CREATING}. Either field "value", "from_attribute", "from_context", or "default_value" must be specified`
  }
  if (sources > 1) return `${CREATING} due to multiple value sources being set`
  return unused(config, 'pattern') ?? unused(config, 'converted_type')
}

function matchFault(config: ActionConfig): string | undefined {
  if (config.value !== undefined || config.from_attribute !== '') {
    return `${CREATING}. Action "${config.action}" does not use "value" or "from_attribute" field. These must not be specified`
  }
  const { pattern } = config
  return (pattern && patternFault(pattern)) || unused(config, 'converted_type')
}

function extractFault(config: ActionConfig): string | undefined {
  if (sourcesOf(config) > 0) {
    return `${CREATING}. Action "extract" does not use a value source field. These must not be specified`
  }
  if (config.pattern === '') {
    return `${CREATING} due to missing required field "pattern" for action "extract"`
  }
  return (
    unused(config, 'converted_type') ?? patternFault(config.pattern) ?? groupsFault(config.pattern)
  )
}

function convertFault(config: ActionConfig): string | undefined {
  const { converted_type: type } = config
  if (sourcesOf(config) > 0 || config.pattern !== '') {
    return `${CREATING}. Action "convert" does not use value sources or "pattern" field. These must not be specified`
  }
  if (type === '') {
    return `${CREATING} due to missing required field "converted_type" for action "convert"`
  }
  if (['int', 'double', 'string'].includes(type)) return undefined
  return `${CREATING} due to invalid value "${type}" in field "converted_type" for action "convert"`
}

const sourcesOf = ({ value, from_attribute, from_context }: ActionConfig): number =>
  [value !== undefined, from_attribute !== '', from_context !== ''].filter(Boolean).length

function unused(config: ActionConfig, field: 'pattern' | 'converted_type'): string | undefined {
  if (config[field] === '') return undefined
  return `${CREATING}. Action "${config.action}" does not use the "${field}" field. This must not be specified`
}

const patternFault = (pattern: string): string | undefined =>
  expressionFault(
    [pattern],
    (one, why) => `${CREATING}. Field "pattern" has invalid pattern: "${one}": ${why}`,
  )

function groupsFault(pattern: string): string | undefined {
  const { names } = compileExpression(pattern)
  const what = names.length === 0 ? 'no named matcher groups' : 'at least one unnamed matcher group'
  if (names.length > 0 && !names.includes('')) return undefined
  return `${CREATING}. Field "pattern" contains ${what}`
}
