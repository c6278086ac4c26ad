import type { AnyValue, Attributes } from '../../data/attributes.ts'
import { textOf } from '../arguments.ts'
import { compare } from '../compare.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { attributeOf, inMap, withKey } from '../keys.ts'
import { array, bool, int, kvlist, text, toAttribute } from '../value.ts'

const coalesce = converter('Coalesce', ['values'], (args) => {
  const values = args.list('values')
  const { constant } = args.operand('values')
  if (constant?.value?.kind === 'array' && constant.value.value.length === 0) {
    args.fault('values', 'needs at least one')
  }
  return (frame) => values(frame).find((one) => one.kind !== 'empty')
})

const containsValue = converter('ContainsValue', ['target', 'item'], (args) => {
  const target = args.value('target')
  const item = args.value('item')
  return (frame) => {
    const list = toAttribute(target(frame))
    const wanted = item(frame)
    if (list?.kind !== 'array') throw new EvaluationError('ContainsValue: target must be a list')
    return bool(list.value.some((one) => compare(one, '==', wanted)))
  }
})

const index = converter('Index', ['target', 'value'], (args) => {
  const target = args.value('target')
  const value = args.value('value')
  return (frame) => {
    const [list, wanted] = [toAttribute(target(frame)), value(frame)]
    if (list?.kind === 'string' && wanted?.kind === 'string') {
      const at = list.value.indexOf(wanted.value)
      return int(at === -1 ? -1 : Buffer.byteLength(list.value.slice(0, at)))
    }
    if (list?.kind !== 'array')
      throw new EvaluationError('Index: target must be a string or a list')
    return int(list.value.findIndex((one) => compare(one, '==', wanted)))
  }
})

const keys = converter('Keys', ['target'], (args) => {
  const target = args.map('target')
  return (frame) => array(target(frame).map((one) => text(one.key)))
})

const values = converter('Values', ['target'], (args) => {
  const target = args.map('target')
  return (frame) => array(target(frame).map((one) => one.value))
})

const isNumber = (value: AnyValue): value is Extract<AnyValue, { kind: 'int' | 'double' }> =>
  value.kind === 'int' || value.kind === 'double'

const byText = (a: AnyValue, b: AnyValue): number => (textOf(a) < textOf(b) ? -1 : 1)

/** Numbers by size if all are numbers, else everything by its text. */
const sort = converter('Sort', ['target', 'order?'], (args) => {
  const target = args.list('target')
  const descending = args.has('order') && args.oneOf('order', ['asc', 'desc']) === 'desc'
  return (frame) => {
    const list = target(frame)
    const sorted = list.every(isNumber)
      ? list.toSorted((a, b) => Number(a.value) - Number(b.value))
      : list.toSorted(byText)
    return array(descending ? sorted.reverse() : sorted)
  }
})

const sliceToMap = converter('SliceToMap', ['target', 'key_path?', 'value_path?'], (args) => {
  const target = args.list('target')
  const keyPath = args.has('key_path') ? args.literalTexts('key_path') : undefined
  const valuePath = args.has('value_path') ? args.literalTexts('value_path') : undefined
  return (frame) =>
    kvlist(
      target(frame).reduce<Attributes>((map, item, i) => {
        const key = keyPath === undefined ? text(String(i)) : walk(item, keyPath)
        if (key.kind !== 'string') throw new EvaluationError('SliceToMap: a key must be a string')
        return withKey(map, key.value, valuePath === undefined ? item : walk(item, valuePath))
      }, []),
    )
})

function walk(item: AnyValue, path: readonly string[]): AnyValue {
  return path.reduce<AnyValue>((value, key) => {
    const found = value.kind === 'kvlist' ? inMap(value.value, key) : undefined
    if (found !== undefined) return attributeOf(found)
    throw new EvaluationError(`SliceToMap: an item has no "${path.join('.')}"`)
  }, item)
}

export const lists = [coalesce, containsValue, index, keys, values, sort, sliceToMap]
