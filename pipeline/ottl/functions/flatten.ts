import type { AnyValue, Attribute, Attributes } from '../../data/attributes.ts'
import { editor } from '../function.ts'
import { withKey } from '../keys.ts'
import { editMap } from './editors.ts'

/** Moves what nested maps and lists hold to the top, under keys joined by dots. */
export const flatten = editor(
  'flatten',
  ['target', 'prefix?', 'depth?', 'resolve_conflicts?'],
  (args) => {
    const prefix = args.has('prefix') ? args.literalText('prefix') : ''
    const depth = args.has('depth') ? args.literalInt('depth') : Number.POSITIVE_INFINITY
    const resolve = args.has('resolve_conflicts') && args.literalBool('resolve_conflicts')
    if (depth < 0) args.fault('depth', `must not be negative, got ${depth}`)
    return editMap(args, (map) => {
      const leaves = [...leavesOf(map, prefix, depth, resolve)]
      if (resolve) return numbered(leaves)
      return leaves.reduce<Attributes>((all, one) => withKey(all, one.key, one.value), [])
    })
  },
)

/** `same`: items of a list get the list's own key, to be numbered as conflicts are. */
function* leavesOf(
  map: Attributes,
  prefix: string,
  depth: number,
  same: boolean,
): Iterable<Attribute> {
  for (const { key, value } of map) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (depth <= 0 || !(value.kind === 'kvlist' || value.kind === 'array')) {
      yield { key: path, value }
    } else if (value.kind === 'kvlist') yield* leavesOf(value.value, path, depth - 1, same)
    else yield* itemsOf(value.value, path, depth - 1, same)
  }
}

function* itemsOf(
  list: readonly AnyValue[],
  path: string,
  depth: number,
  same: boolean,
): Iterable<Attribute> {
  for (const [i, value] of list.entries()) {
    const key = same ? path : `${path}.${i}`
    if (value.kind === 'kvlist') yield* leavesOf(value.value, key, depth - 1, same)
    else yield { key, value }
  }
}

/** The second of two equal keys gets `.0` at its end, the third `.1`. */
function numbered(leaves: readonly Attribute[]): Attributes {
  const times = new Map<string, number>()
  return leaves.map(({ key, value }) => {
    const before = times.get(key)
    times.set(key, (before ?? -1) + 1)
    return { key: before === undefined ? key : `${key}.${before}`, value }
  })
}
