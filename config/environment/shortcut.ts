import type { Expanded } from '../expanded.ts'
import { type Env, leaf, mapNode, scalarOf } from './nodes.ts'

type Nodes = ReadonlyMap<string, Expanded>

/** OBI's shortcuts by the criteria that they are. All that are set must match. */
const CRITERIA = {
  open_port: 'open_ports',
  auto_target_exe: 'exe_path',
  auto_target_language: 'languages',
  target_pids: 'target_pids',
} as const

/** The entry of `instrument` that the shortcuts ask for; weir's own OTEL_SERVICE_NAME names what it selects. */
export function shortcutEntry(env: Env, nodes: Nodes): Expanded | undefined {
  const criteria = Object.entries(CRITERIA).flatMap(([path, key]) => {
    const node = nodes.get(path)
    return node === undefined ? [] : [[key, criterion(key, node)] as const]
  })
  const [first] = criteria
  if (first === undefined) return undefined
  const attributes = new Map(attributesOf(env) ?? [])
  const { origin } = first[1]
  return mapNode(origin, {
    ...Object.fromEntries(criteria),
    ...named('name', nodes.get('service_name'), env['OTEL_SERVICE_NAME'], 'OTEL_SERVICE_NAME'),
    ...(env['OTEL_SERVICE_NAME'] || nodes.has('service_name')
      ? {}
      : named('name', undefined, attributes.get('service.name'), 'OTEL_RESOURCE_ATTRIBUTES')),
    ...named(
      'namespace',
      nodes.get('service_namespace'),
      attributes.get('service.namespace'),
      'OTEL_RESOURCE_ATTRIBUTES',
    ),
  })
}

/** Process ids are a list; in a variable they stand between commas. */
function criterion(key: string, node: Expanded): Expanded {
  const { value, origin } = node
  if (key !== 'target_pids' || Array.isArray(value)) return node
  const ids = String(value).split(',')
  return { value: ids.map((id) => leaf(origin, scalarOf(id.trim()))), origin }
}

function named(
  key: string,
  node: Expanded | undefined,
  text: string | undefined,
  variable: string,
): Record<string, Expanded> {
  if (text) return { [key]: leaf({ source: `env:${variable}` }, text) }
  return node === undefined ? {} : { [key]: leaf(node.origin, String(node.value)) }
}

/** Whether anything selects processes without a file. */
export const hasShortcut = (nodes: Nodes): boolean =>
  Object.keys(CRITERIA).some((path) => nodes.has(path))

/** What OTEL_RESOURCE_ATTRIBUTES says of the selected service beyond its name; nothing if nothing is selected. */
export function resourceAttributes(env: Env, nodes: Nodes): readonly (readonly [string, string])[] {
  const attributes = hasShortcut(nodes) ? (attributesOf(env) ?? []) : []
  return attributes.filter(([key]) => !['service.name', 'service.namespace'].includes(key))
}

/** Pairs between commas, values percent-encoded. A malformed list is discarded whole, as the specification asks: undefined. */
export function attributesOf(env: Env): readonly (readonly [string, string])[] | undefined {
  const pairs = (env['OTEL_RESOURCE_ATTRIBUTES'] ?? '').split(',').filter((one) => one.trim())
  try {
    return pairs.map((pair) => {
      const [, key, value = ''] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      if (key === undefined) throw new Error(`no pair: ${pair}`)
      return [key, decodeURIComponent(value)] as const
    })
  } catch {
    return undefined
  }
}
