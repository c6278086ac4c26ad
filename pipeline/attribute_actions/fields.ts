import { anything, enumOf, type Infer, list, object, text } from '../../config/fields.ts'

const action = object({
  key: text().default('').describe('The attribute that is acted on.'),
  action: enumOf(['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert']).describe(
    'insert: if absent; update: if present; upsert: both; delete; hash: SHA-256; extract: named groups of pattern; convert: to converted_type.',
  ),
  value: anything().optional().describe('What is set.'),
  from_attribute: text().default('').describe('Set the value of this attribute, if there is one.'),
  from_context: text()
    .default('')
    .describe('Set what the request came with: `metadata.NAME` or `client.address`.'),
  pattern: text()
    .default('')
    .describe('A regular expression: of keys for delete and hash, of the value for extract.'),
  converted_type: enumOf(['', 'int', 'double', 'string']).default('').describe('For convert.'),
})

export type ActionConfig = Infer<typeof action>

/** The list of actions of the `resource` and `attributes` processors. At least one is needed. */
export const actionsField = () =>
  list(action).check((actions) => {
    if (actions.length === 0) return 'at least one action must be specified'
    return actions.map(faultOf).find((fault) => fault !== undefined)
  })

const SETS = new Set(['insert', 'update', 'upsert'])

/** What is wrong with one action, in the words of the Collector. */
function faultOf(config: ActionConfig, index: number): string | undefined {
  const begin = 'error creating AttrProc'
  const at = `${index}-th action`
  const { action, key, pattern } = config
  const byPattern = (action === 'delete' || action === 'hash') && pattern !== ''
  if (key === '' && !byPattern) return `${begin} due to missing required field "key" at the ${at}`
  if (action === 'extract' && pattern === '') {
    return `${begin} due to missing required field "pattern" for action "extract" at the ${at}`
  }
  if (action === 'convert' && config.converted_type === '') {
    return `${begin} due to missing required field "converted_type" for action "convert" at the ${at}`
  }
  if (SETS.has(action)) {
    const sources = sourcesOf(config)
    if (sources === 0) {
      return `${begin}. Either field "value", "from_attribute" or "from_context" setting must be specified for ${at}`
    }
    if (sources > 1) return `${begin} due to multiple value sources being set at the ${at}`
  }
  return patternFault(config, `at the ${at}`)
}

const sourcesOf = ({ value, from_attribute, from_context }: ActionConfig): number =>
  [value !== undefined, from_attribute !== '', from_context !== ''].filter(Boolean).length

function patternFault({ action, pattern }: ActionConfig, at: string): string | undefined {
  if (pattern === '') return undefined
  try {
    compilePattern(pattern)
  } catch (error) {
    return `field "pattern" has invalid pattern: "${pattern}" ${at}: ${(error as Error).message}`
  }
  if (action === 'extract' && !/\(\?P?<[^=!]/.test(pattern)) {
    return `field "pattern" contains no named matcher groups ${at}`
  }
  return undefined
}

/** A Go expression: `(?P<name>...)` is `(?<name>...)` here. Throws `SyntaxError`. */
export const compilePattern = (pattern: string): RegExp =>
  new RegExp(pattern.replaceAll('(?P<', '(?<'), 'u')
