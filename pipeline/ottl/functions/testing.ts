import { type AnyValue, int, string } from '../../data/attributes.ts'
import { Frame } from '../frame.ts'
import { inMap } from '../keys.ts'
import { compileProgram } from '../program.ts'
import { fromPlain } from '../value.ts'
import { functionsIn } from './standard.ts'

const START: readonly { key: string; value: AnyValue }[] = [
  string('s', 'Hello World'),
  string('json', '{"a": {"b": [1, "x", null, true]}}'),
  int('n', 42),
  { key: 'list', value: fromPlain(['b', 'c', 'a']) },
  { key: 'numbers', value: fromPlain([3, 1, 2], true) },
  { key: 'map', value: fromPlain({ k: 'v', n: 1 }, true) },
  {
    key: 'people',
    value: fromPlain(
      [
        { id: 'a', v: { x: 1 } },
        { id: 'b', v: { x: 2 } },
      ],
      true,
    ),
  },
]

/** What an expression gives, as an attribute; `texts` are further attributes that it may read. */
export function resultOf(
  expression: string,
  texts: Readonly<Record<string, string>> = {},
): unknown {
  const frame = new Frame()
  const attributes = [...START, ...Object.entries(texts).map(([key, text]) => string(key, text))]
  frame.log = { ...frame.log, attributes, time: [1_700_000_000, 123_456_789] }
  const statements = [`set(attributes["result"], ${expression})`]
  const program = compileProgram({ signal: 'logs', context: 'log', statements }, functionsIn)
  program.statements[0]?.run(frame)
  return plain(inMap(frame.log.attributes, 'result') as AnyValue | undefined)
}

function plain(value: AnyValue | undefined): unknown {
  if (value === undefined) return undefined
  switch (value.kind) {
    case 'empty':
      return undefined
    case 'array':
      return value.value.map(plain)
    case 'kvlist':
      return Object.fromEntries(value.value.map((one) => [one.key, plain(one.value)]))
    case 'bytes':
      return Buffer.from(value.value).toString('hex')
    default:
      return value.value
  }
}
