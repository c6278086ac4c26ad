import { expand } from './expand.ts'
import { type Expanded, isList, isMap, type Origin } from './expanded.ts'
import { ConfigError, configError, type Issue } from './issue.ts'
import { appendsComponents, merge } from './merge.ts'
import { hasScheme, retrieve, type Surroundings } from './providers.ts'
import { parseYaml } from './yaml.ts'

export interface LoadOptions extends Surroundings {
  /** `--config` values, in order: `file:`, `env:`, `yaml:`, `http:`, `https:`, or a path. */
  readonly uris: readonly string[]
  /** `--set` values as `processors.batch.timeout=2s`; they win over every file. */
  readonly sets?: readonly string[]
  /** Names of feature gates that are on. */
  readonly gates?: ReadonlySet<string>
  /** Merged after the files and before `sets`, and expanded with them. */
  readonly over?: Expanded
}

/** A configuration before any schema looked at it. `issues` holds no errors of reading, those are thrown. */
export interface Loaded {
  readonly root: Expanded
  readonly issues: readonly Issue[]
}

/**
 * Reads, merges and expands a configuration. Rejects with `ConfigError` if a source cannot be read or is no YAML map;
 * references that cannot be followed are among the issues.
 */
export async function load(options: LoadOptions): Promise<Loaded> {
  if (options.uris.length === 0) throw configError('at least one config flag must be provided')
  const sources = await Promise.all(options.uris.map((uri) => readSource(uri, options)))
  const sets = (options.sets ?? []).map(parseSet)
  const over = options.over === undefined ? [] : [{ node: options.over, issues: [] }]
  const parsed: readonly Source[] = [...sources, ...over, ...sets]
  const issues = parsed.flatMap((source) => source.issues)
  if (issues.some(({ severity }) => severity === 'error')) throw new ConfigError(issues)
  const start: Expanded = { value: new Map(), origin: { source: 'config' } }
  const append = options.gates?.has('confmap.enableMergeAppendOption') === true
  const appends = append ? appendsComponents : undefined
  const merged = parsed.reduce((base, { node }) => merge(base, node, appends), start)
  if (isMap(merged.value) && merged.value.size === 0) {
    const { issues: empty } = configError('empty configuration file', {
      source: options.uris.join(', '),
    })
    throw new ConfigError([...issues, ...empty])
  }
  const expansion = await expand(merged, options)
  return { root: expansion.node, issues: [...issues, ...expansion.issues] }
}

interface Source {
  readonly node: Expanded
  readonly issues: readonly Issue[]
}

async function readSource(uri: string, around: Surroundings): Promise<Source> {
  try {
    const { text, source, notice } = await retrieve(hasScheme(uri) ? uri : `file:${uri}`, around)
    const parsed = parseYaml(text, source)
    const origin: Origin = { source }
    const notices = notice === undefined ? [] : [{ ...notice, origin, path: [] }]
    return asConf(parsed.node, [...notices, ...parsed.issues])
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const issues = error.issues.map((issue) => ({
      ...issue,
      message: `${CANNOT_RESOLVE}: ${issue.message}`,
    }))
    return { node: { value: null, origin: { source: uri } }, issues }
  }
}

const CANNOT_RESOLVE = 'cannot resolve the configuration: cannot retrieve the configuration'

/** An empty file is an empty map; a word, a number or a list is no configuration. */
function asConf(node: Expanded, issues: readonly Issue[]): Source {
  if (isMap(node.value)) return { node, issues }
  if (node.value === null) return { node: { value: new Map(), origin: node.origin }, issues }
  const message = `retrieved value (type=${typeof node.value}) cannot be used as a Conf: the top level must be a map`
  const issue: Issue = { severity: 'error', origin: node.origin, path: [], message }
  return { node, issues: [...issues, issue] }
}

/** `a.b.c=v` is the YAML `a::b::c: v`. */
function parseSet(flag: string): Source {
  const equals = flag.indexOf('=')
  const origin: Origin = { source: '--set' }
  if (equals < 0) {
    const message = `invalid argument ${JSON.stringify(flag)} for "--set" flag: missing equal sign`
    return { node: { value: null, origin }, issues: [{ severity: 'error', path: [], message }] }
  }
  const name = flag.slice(0, equals).trim()
  const parsed = parseYaml(`${name.replaceAll('.', '::')}: ${flag.slice(equals + 1)}`, '--set')
  return { ...parsed, node: placed(parsed.node, { source: `--set=${name}` }) }
}

/** Line and column mean nothing on a command line. */
function placed({ value }: Expanded, origin: Origin): Expanded {
  if (isList(value)) return { value: value.map((item) => placed(item, origin)), origin }
  if (!isMap(value)) return { value, origin }
  const entries = [...value].map(
    ([key, entry]) => [key, { key: origin, node: placed(entry.node, origin) }] as const,
  )
  return { value: new Map(entries), origin }
}
