import { fileURLToPath } from 'node:url'
import { defaultOverlay } from './environment/default_overlay.ts'
import { isObiConfig, obiConfigPath, shortcutsWithoutEffect } from './environment/obi_settings.ts'
import type { Expanded } from './expanded.ts'
import { ConfigError, type Issue } from './issue.ts'
import { type Loaded, load } from './load.ts'
import { namedTypes } from './named_types.ts'
import type { Registry } from './registry.ts'
import { skipUnsupported } from './skip_unsupported.ts'
import { type Validated, validate } from './validate.ts'

/** Where the shipped configuration lies, seen from `dist/config`. */
const DEFAULT_CONFIG = fileURLToPath(new URL('../../config/default.yaml', import.meta.url))

export interface ReadOptions {
  /** `--config` values; none means the shipped configuration and what the environment asks for. */
  readonly uris: readonly string[]
  readonly sets: readonly string[]
  /** Names of feature gates that are on. */
  readonly gates: ReadonlySet<string>
  /** Leaves out what the Collector has and weir has not, instead of refusing it. */
  readonly skipUnsupported: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** `file:` paths are relative to it; the working directory if absent. */
  readonly directory?: string
}

/** Everything that is known of a configuration: its tree for printing, its meaning for building. */
export interface Configuration extends Validated {
  readonly root: Expanded
  /** Components that `skipUnsupported` left out. */
  readonly skipped: number
}

/** Reads a configuration whole. Rejects with `ConfigError` that holds every issue if one of them is an error. */
export async function readConfiguration(
  options: ReadOptions,
  registry: Registry,
): Promise<Configuration> {
  const loaded = await loadTree(options)
  await registry.load(namedTypes(loaded.root))
  const { root, issues, skipped } = options.skipUnsupported
    ? skipUnsupported(loaded.root, registry)
    : { root: loaded.root, issues: [], skipped: 0 }
  const validated = validate(root, registry, options.gates)
  const all = [...loaded.issues, ...issues, ...validated.issues]
  if (all.some(isError)) throw new ConfigError(all)
  return { ...validated, root, skipped, issues: all }
}

const isError = ({ severity }: Issue): boolean => severity === 'error'

/** Reads, merges and expands, without a look at what the keys mean. */
export async function loadTree(options: ReadOptions): Promise<Loaded> {
  const named = obiConfigPath(options.env)
  const uris = options.uris.length > 0 || named === '' ? options.uris : [named]
  if (uris.length === 0) return loadDefault(options)
  const given = await load({ ...options, uris, sets: [] })
  if (isObiConfig(given.root)) return loadDefault(options, given)
  const loaded = options.sets.length === 0 ? given : await load({ ...options, uris })
  return { ...loaded, issues: [...shortcutsWithoutEffect(options.env), ...loaded.issues] }
}

/** The shipped configuration, and over it what the environment and a file of OBI's shape say. */
async function loadDefault(options: ReadOptions, obi?: Loaded): Promise<Loaded> {
  const { node, issues } = defaultOverlay(options.env, obi?.root)
  const over = node === undefined ? {} : { over: node }
  const loaded = await load({ ...options, uris: [`file:${DEFAULT_CONFIG}`], ...over })
  return { root: loaded.root, issues: [...(obi?.issues ?? []), ...issues, ...loaded.issues] }
}
