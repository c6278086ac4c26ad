import type { AnyValue, Attribute, Attributes } from '../../data/attributes.ts'
import { valueText } from '../../data/value_text.ts'
import { remembering } from '../../regexp.ts'
import type { Arguments, Target } from '../arguments.ts'
import { textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import type { Edit, Frame } from '../frame.ts'
import { editor } from '../function.ts'
import { attributeOf, withKey } from '../keys.ts'
import { array, kvlist, text, toAttribute, typeName, type Value } from '../value.ts'
import { expressionOf } from './patterns.ts'
import { isInside } from './texts.ts'

/** An editor of a map; nothing is set if it gives back what it got. */
export function editMap(
  args: Arguments,
  change: (map: Attributes, frame: Frame) => Attributes,
): Edit {
  const { get, set } = args.target('target')
  return (frame) => {
    const before = mapOf(get(frame))
    const after = change(before, frame)
    if (after !== before) set(frame, kvlist(after))
  }
}

function mapOf(value: Value): Attributes {
  if (value?.kind === 'kvlist') return value.value
  throw new EvaluationError(`expected a map but got ${typeName(value)}`)
}

/** The map without entries, or itself if all stay. */
function keeping(map: Attributes, stays: (one: Attribute) => boolean): Attributes {
  for (let i = 0; i < map.length; i++) {
    if (!stays(map[i] as Attribute)) return map.filter(stays)
  }
  return map
}

/** The map with other values, or itself if none changes. */
export function changing(map: Attributes, change: (value: AnyValue) => AnyValue): Attributes {
  let changed = false
  const after = map.map((one) => {
    const value = change(one.value)
    if (value === one.value) return one
    changed = true
    return { key: one.key, value }
  })
  return changed ? after : map
}

const set = editor('set', ['target', 'value'], (args) => {
  const target = args.target('target')
  const value = args.value('value')
  return (frame) => {
    const found = value(frame)
    if (found !== undefined) target.set(frame, found)
  }
})

const deleteKey = editor('delete_key', ['target', 'key'], (args) => {
  const key = args.text('key')
  return editMap(args, (map, frame) => {
    const gone = key(frame)
    return keeping(map, (one) => one.key !== gone)
  })
})

/** Keys come again and again: what a literal expression said of one is remembered. */
function keyTest(args: Arguments): (frame: Frame) => (key: string) => boolean {
  const expression = expressionOf(args, 'pattern')
  if (args.operand('pattern').constant === undefined) {
    return (frame) => (key) => expression(frame).test(key)
  }
  const test = remembering((key) => expression({} as Frame).test(key))
  return () => test
}

const deleteMatchingKeys = editor('delete_matching_keys', ['target', 'pattern'], (args) => {
  const matches = keyTest(args)
  return editMap(args, (map, frame) => {
    const test = matches(frame)
    return keeping(map, (one) => !test(one.key))
  })
})

const keepMatchingKeys = editor('keep_matching_keys', ['target', 'pattern'], (args) => {
  const matches = keyTest(args)
  return editMap(args, (map, frame) => {
    const test = matches(frame)
    return keeping(map, (one) => test(one.key))
  })
})

const keepKeys = editor('keep_keys', ['target', 'keys'], (args) => {
  const keys = args.list('keys')
  return editMap(args, (map, frame) => {
    const kept = new Set(keys(frame).map((one) => textOf(one)))
    return keeping(map, (one) => kept.has(one.key))
  })
})

const limit = editor('limit', ['target', 'limit', 'priority_keys'], (args) => {
  const most = args.literalInt('limit')
  const first = new Set(args.literalTexts('priority_keys'))
  if (most < 0) args.fault('limit', `must not be negative, got ${most}`)
  if (most < first.size) args.fault('limit', 'must not be less than the number of priority_keys')
  return editMap(args, (map) => {
    if (map.length <= most) return map
    let room = most - map.filter((one) => first.has(one.key)).length
    return map.filter((one) => first.has(one.key) || room-- > 0)
  })
})

const mergeMaps = editor('merge_maps', ['target', 'source', 'strategy'], (args) => {
  const source = args.map('source')
  const strategy = args.oneOf('strategy', ['insert', 'update', 'upsert'])
  return editMap(args, (map, frame) =>
    source(frame).reduce<Attributes>((merged, { key, value }) => {
      const known = merged.some((one) => one.key === key)
      if (known ? strategy === 'insert' : strategy === 'update') return merged
      return withKey(merged, key, value)
    }, map),
  )
})

const TRUNCATE = ['target', 'limit', 'utf8_safe?', 'truncation_marker?'] as const

const truncateAll = editor('truncate_all', TRUNCATE, (args) => {
  const most = args.literalInt('limit')
  const whole = !args.has('utf8_safe') || args.literalBool('utf8_safe')
  const marker = args.has('truncation_marker') ? args.literalText('truncation_marker') : ''
  const kept = most - Buffer.byteLength(marker)
  if (most < 0) args.fault('limit', `must not be negative, got ${most}`)
  if (kept < 0) args.fault('truncation_marker', `must not be longer than the limit, ${most}`)
  return editMap(args, (map) =>
    changing(map, (value) => {
      if (value.kind !== 'string' || value.value.length * 3 <= most) return value
      const encoded = Buffer.from(value.value)
      if (encoded.length <= most) return value
      return text(firstOf(encoded, kept, whole) + marker)
    }),
  )
})

/** So many bytes of UTF-8, or as many as whole characters have. */
function firstOf(encoded: Buffer, bytes: number, whole: boolean): string {
  let end = bytes
  while (whole && end > 0 && isInside(encoded[end])) end -= 1
  return encoded.toString('utf8', 0, end)
}

const stringifyAll = editor('stringify_all', ['target'], (args) =>
  editMap(args, (map) =>
    changing(map, (value) => (value.kind === 'string' ? value : text(valueText(value)))),
  ),
)

const append = editor('append', ['target', 'value?', 'values?'], (args) => {
  const { get, set: put } = args.target('target')
  if (!args.has('value') && !args.has('values')) {
    args.fault('value', 'at least one of value and values must be given')
  }
  const value = args.value('value')
  const values = args.has('values') ? args.list('values') : undefined
  return (frame) => {
    const one = value(frame)
    const added = [...(one === undefined ? [] : itemsOf(one)), ...(values?.(frame) ?? [])]
    put(frame, array([...itemsOf(get(frame)), ...added]))
  }
})

function itemsOf(value: Value): readonly AnyValue[] {
  if (value === undefined) return []
  return value.kind === 'array' ? value.value : [attributeOf(value)]
}

const deleteIndex = editor('delete_index', ['target', 'start_index', 'end_index?'], (args) => {
  const target: Target = args.target('target')
  const start = args.int('start_index')
  const end = args.has('end_index') ? args.int('end_index') : undefined
  return (frame) => {
    const list = toAttribute(target.get(frame))
    if (list?.kind !== 'array')
      throw new EvaluationError(`expected a list but got ${typeName(list)}`)
    const from = Number(start(frame))
    const to = end === undefined ? from + 1 : Number(end(frame))
    if (from < 0 || to < from || to > list.value.length) {
      throw new EvaluationError(
        `${from} to ${to} is out of bounds of a list of ${list.value.length}`,
      )
    }
    target.set(frame, array(list.value.toSpliced(from, to - from)))
  }
})

export const editors = [
  set,
  deleteKey,
  deleteMatchingKeys,
  keepMatchingKeys,
  keepKeys,
  limit,
  mergeMaps,
  truncateAll,
  stringifyAll,
  append,
  deleteIndex,
]
