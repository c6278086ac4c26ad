import { type Expanded, isMap } from '../expanded.ts'
import type { Issue } from '../issue.ts'
import { didYouMean } from '../nearest.ts'
import { again, type Env, leaf, scalarOf } from './nodes.ts'
import { OBI_OPTIONS } from './obi_options.ts'

/** What somebody has set of OBI's options, by their places in its YAML. */
export interface ObiSettings {
  readonly nodes: ReadonlyMap<string, Expanded>
  readonly issues: readonly Issue[]
}

/** The first one that says something counts. */
const PREFIXES = ['OTEL_EBPF_', 'BEYLA_']
/** Variables of OBI without its prefix. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  OTEL_GO_AUTO_TARGET_EXE: 'auto_target_exe',
}
/** Says which file to read: read.ts looks at it. */
const CONFIG_PATH = 'CONFIG_PATH'

const BY_PATH = new Map(OBI_OPTIONS.map((option) => [option.path, option]))
const BY_ENV = new Map(OBI_OPTIONS.flatMap((option) => (option.env ? [[option.env, option]] : [])))

/** The file that OBI's variables name; '' for none. */
export const obiConfigPath = (env: Env): string =>
  PREFIXES.map((prefix) => env[prefix + CONFIG_PATH]).find(Boolean) ?? ''

const COLLECTOR_SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'service']

/** True for YAML of OBI's own shape: sections that it has, and none of the Collector's. */
export function isObiConfig({ value }: Expanded): boolean {
  if (!isMap(value) || COLLECTOR_SECTIONS.some((one) => value.has(one))) return false
  const sections = new Set(OBI_OPTIONS.map(({ path }) => path.split('.')[0]))
  return [...value.keys()].some((key) => sections.has(key))
}

/** Everything that is set, YAML first and variables over it. What weir has no use for is warned about by name. */
export function obiSettings(env: Env, yaml: Expanded | undefined): ObiSettings {
  const nodes = new Map<string, Expanded>()
  const issues: Issue[] = []
  if (yaml !== undefined) readYaml(yaml, '', nodes, issues)
  readEnv(env, nodes, issues)
  for (const [path, node] of nodes) {
    const to = BY_PATH.get(path)?.to
    if (to === undefined || to === 'elsewhere' || Array.isArray(to)) continue
    const { none } = to as { readonly none: string }
    issues.push(warning(node, node.origin.line === undefined ? '' : path, `has no effect: ${none}`))
    nodes.delete(path)
  }
  return { nodes, issues }
}

const warning = ({ origin }: Expanded, path: string, message: string): Issue => ({
  severity: 'warning',
  origin,
  path: path === '' ? [] : path.split('.'),
  message,
})

function readYaml(
  { value }: Expanded,
  above: string,
  into: Map<string, Expanded>,
  issues: Issue[],
): void {
  if (!isMap(value)) return
  for (const [key, { node }] of value) {
    const path = above === '' ? key : `${above}.${key}`
    if (BY_PATH.has(path)) into.set(path, again(node))
    else if (OBI_OPTIONS.some((one) => one.path.startsWith(`${path}.`)) && isMap(node.value)) {
      readYaml(node, path, into, issues)
    } else if (node.value !== null) {
      const near = didYouMean(path, BY_PATH.keys())
      issues.push(warning(node, path, `has no effect: weir knows no such option of OBI${near}`))
    }
  }
}

function readEnv(env: Env, into: Map<string, Expanded>, issues: Issue[]): void {
  const said = new Map<string, string>()
  for (const name of Object.keys(env).toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const value = env[name]
    const prefix = PREFIXES.find((one) => name.startsWith(one))
    if (!value || name === `${prefix}${CONFIG_PATH}`) continue
    const node = leaf({ source: `env:${name}` }, scalarOf(value))
    const path =
      prefix === undefined ? OTHER_NAMES[name] : BY_ENV.get(name.slice(prefix.length))?.path
    const first = said.get(path ?? '')
    if (path === undefined) {
      if (prefix !== undefined) issues.push(unknownVariable(name, prefix, node))
    } else if (first === undefined) {
      into.set(path, node)
      said.set(path, name)
    } else if (env[first] !== value) {
      issues.push(warning(node, '', `has no effect: ${first} says otherwise, and comes first`))
    }
  }
}

/** What comes first counts. */
function rankOf(name: string): number {
  const rank = PREFIXES.findIndex((one) => name.startsWith(one))
  return rank < 0 ? PREFIXES.length : rank
}

function unknownVariable(name: string, prefix: string, node: Expanded): Issue {
  const known = [...BY_ENV.keys()].map((one) => prefix + one)
  const near = didYouMean(name, known)
  return warning(node, '', `has no effect: weir knows no such variable${near}`)
}

/** Variables of OBI that are set beside a configuration of the Collector's shape, which says all itself. */
export function shortcutsWithoutEffect(env: Env): readonly Issue[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const ofObi = PREFIXES.some((prefix) => name.startsWith(prefix)) || name in OTHER_NAMES
    if (!value || !ofObi || name.endsWith(CONFIG_PATH)) return []
    const node = leaf({ source: `env:${name}` }, value)
    return [warning(node, '', 'has no effect beside a configuration of its own: set it there')]
  })
}
