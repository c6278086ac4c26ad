import type { AnyValue, Attributes } from '../../data/attributes.ts'
import type { Arguments } from '../arguments.ts'
import { editor } from '../function.ts'
import { withKey } from '../keys.ts'
import { text } from '../value.ts'
import { changing, editMap } from './editors.ts'
import { expressionOf, finisherOf, globOf, replacerOf } from './patterns.ts'

const MORE = ['replacement', 'function?', 'replacement_format?'] as const

const replacePattern = editor('replace_pattern', ['target', 'regex_pattern', ...MORE], (args) => {
  const { get, set } = args.target('target')
  const expression = expressionOf(args, 'regex_pattern')
  const replacer = replacerOf(args)
  return (frame) => {
    const before = get(frame)
    if (before?.kind !== 'string') return
    const after = replacer(frame)(before.value, expression(frame))
    if (after !== before.value) set(frame, text(after))
  }
})

const replaceAllPatterns = editor(
  'replace_all_patterns',
  ['target', 'mode', 'regex_pattern', ...MORE],
  (args) => {
    const mode = args.oneOf('mode', ['key', 'value'])
    const expression = expressionOf(args, 'regex_pattern')
    const replacer = replacerOf(args)
    return editMap(args, (map, frame) => {
      const [found, replace] = [expression(frame), replacer(frame)]
      const change = (value: string) => replace(value, found)
      return mode === 'key' ? renamed(map, change) : changing(map, ofText(change))
    })
  },
)

const ofText =
  (change: (value: string) => string) =>
  (value: AnyValue): AnyValue => {
    if (value.kind !== 'string') return value
    const after = change(value.value)
    return after === value.value ? value : text(after)
  }

/** The map with other keys; the last of two that become the same stays. */
function renamed(map: Attributes, change: (key: string) => string): Attributes {
  if (map.every((one) => change(one.key) === one.key)) return map
  return map.reduce<Attributes>((all, one) => withKey(all, change(one.key), one.value), [])
}

/** A text that a pattern of file names matches becomes another one, whole. */
function matchReplacer(args: Arguments) {
  const pattern = globOf(args, 'pattern')
  const replacement = args.text('replacement')
  const finish = finisherOf(args)
  return (frame: Parameters<typeof replacement>[0]) => {
    const to = replacement(frame)
    return ofText((value) => (pattern.test(value) ? (finish?.(to) ?? to) : value))
  }
}

const replaceMatch = editor('replace_match', ['target', 'pattern', ...MORE], (args) => {
  const { get, set } = args.target('target')
  const replacer = matchReplacer(args)
  return (frame) => {
    const before = get(frame)
    if (before?.kind !== 'string') return
    const after = replacer(frame)(before)
    if (after !== before) set(frame, after)
  }
})

const replaceAllMatches = editor('replace_all_matches', ['target', 'pattern', ...MORE], (args) => {
  const replacer = matchReplacer(args)
  return editMap(args, (map, frame) => changing(map, replacer(frame)))
})

export const replacing = [replacePattern, replaceAllPatterns, replaceMatch, replaceAllMatches]
