import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { helpText } from './help.ts'
import { parseCommandLine } from './parse.ts'
import { UsageError, valuesOf } from './verb.ts'
import { VERBS } from './verbs.ts'

type Row = [name: string, argv: string[], verb: string, configs: string[]]
const rows: Row[] = [
  ['nothing is run', [], 'run', []],
  ['flags alone are those of run', ['--config', 'a.yaml'], 'run', ['a.yaml']],
  ['a verb and its flags', ['validate', '--config=a', '--config', 'b'], 'validate', ['a', 'b']],
  ['the old name of a verb', ['print-initial-config', '--config=a'], 'print-config', ['a']],
]

describe('a command line', () => {
  for (const [name, argv, verb, configs] of rows) {
    test(name, () => {
      const request = parseCommandLine(argv)
      assert.equal(request.kind, 'verb')
      assert.equal(request.verb.name, verb)
      assert.deepEqual(valuesOf(request.args, 'config'), configs)
    })
  }

  test('a switch may say true or false, as in Go', () => {
    for (const value of ['true', 'false']) {
      const request = parseCommandLine(['print-config', `--validate=${value}`])
      assert.equal(request.kind, 'verb')
      assert.equal(request.args.flags['validate'] === true, value === 'true')
    }
    assert.throws(() => parseCommandLine(['print-config', '--validate=maybe']), UsageError)
  })

  type Help = [name: string, argv: string[], verb: string | undefined]
  const helps: Help[] = [
    ['--help is that of weir', ['--help'], undefined],
    ['-h too', ['-h'], undefined],
    ['after a verb it is of the verb', ['validate', '--help'], 'validate'],
    ['help and a verb', ['help', 'run'], 'run'],
  ]
  for (const [name, argv, verb] of helps) {
    test(name, () => {
      const request = parseCommandLine(argv)
      assert.equal(request.kind, 'help')
      assert.equal(request.verb?.name, verb)
    })
  }

  test('-v is the version', () => assert.equal(parseCommandLine(['-v']).kind, 'version'))
})

type Mistake = [name: string, argv: string[], message: RegExp, hint: RegExp]
const mistakes: Mistake[] = [
  ['a verb misspelt', ['vaildate'], /unknown verb "vaildate"/, /did you mean "validate"\?/],
  ['a verb like none', ['xyz'], /unknown verb "xyz"/, /--help/],
  [
    'a flag misspelt',
    ['run', '--confg', 'a'],
    /unknown flag "--confg"/,
    /did you mean "--config"\?/,
  ],
  ['a flag of another verb', ['run', '--origins'], /unknown flag "--origins"/, /weir run --help/],
  [
    'a file without its flag',
    ['validate', 'a.yaml'],
    /unexpected "a.yaml".*--config a.yaml/,
    /--help/,
  ],
  ['a short flag that there is not', ['-x'], /^unknown flag "-x"$/, /weir run --help/],
  ['a flag without its value', ['--config'], /^--config: expected a value, got none$/, /--help/],
  [
    'a flag for its value',
    ['--config', '--watch'],
    /^--config: expected a value, got none$/,
    /--help/,
  ],
  ['an empty value', ['validate', '--config='], /^--config: expected a value, got ""$/, /--help/],
  ['a flag without dashes', ['version'], /unknown verb "version"/, /did you mean "--version"/],
  ['help with more than a verb', ['help', 'run', 'x'], /^unexpected "x"$/, /weir run --help/],
  ['help misspelt', ['hlep'], /unknown verb "hlep"/, /did you mean "help"/],
]

describe('a command line that is not understood', () => {
  for (const [name, argv, message, hint] of mistakes) {
    test(name, () => {
      assert.throws(
        () => parseCommandLine(argv),
        (error) => {
          assert.ok(error instanceof UsageError)
          assert.match(error.message, message)
          assert.match(error.hint, hint)
          return true
        },
      )
    })
  }
})

describe('help', () => {
  const plain = (text: string) => text
  test('names every verb', () => {
    const text = helpText(undefined, plain)
    for (const { name } of VERBS) assert.match(text, new RegExp(`^  ${name} `, 'm'))
  })
  for (const verb of VERBS) {
    test(`of ${verb.name} names its flags`, () => {
      const text = helpText(verb, plain)
      for (const flag of Object.keys(verb.flags)) assert.ok(text.includes(`--${flag}`), flag)
    })
  }
})
