import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLogger, type Level, type LoggerOptions, withFields } from './logger.ts'
import { Sampler } from './sampler.ts'

function logTo(options: Partial<LoggerOptions>) {
  const lines: string[] = []
  const log = createLogger({
    level: 'info',
    encoding: 'console',
    write: (line) => lines.push(line),
    date: () => new Date(0),
    ...options,
  })
  return { log, lines }
}

describe('logger', () => {
  test('console: tabs between time, level, message and fields', () => {
    const { log, lines } = logTo({})
    withFields(log, { 'otelcol.component.id': 'otlp' }).warn('Slow.', { ms: 5 })
    log.info('Bare.')
    assert.deepEqual(lines, [
      '1970-01-01T00:00:00.000Z\twarn\tSlow.\t{"otelcol.component.id":"otlp","ms":5}\n',
      '1970-01-01T00:00:00.000Z\tinfo\tBare.\n',
    ])
  })

  test('json: one object for each line', () => {
    const { log, lines } = logTo({ encoding: 'json', fields: { host: 'a' } })
    log.error('Down.', { error: new Error('x', { cause: new Error('y') }), big: 5n })
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      level: 'error',
      ts: '1970-01-01T00:00:00.000Z',
      msg: 'Down.',
      host: 'a',
      error: 'x: y',
      big: '5',
    })
  })

  const levels: [least: Level, written: number][] = [
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ]
  for (const [level, written] of levels) {
    test(`level ${level} writes ${written} of four`, () => {
      const { log, lines } = logTo({ level })
      for (const name of ['debug', 'info', 'warn', 'error'] as const) log[name]('x')
      assert.equal(lines.length, written)
    })
  }

  test('hostile text stays on its line and out of the terminal, a cycle does not throw', () => {
    const { log, lines } = logTo({})
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    log.info('a\x1b[2Jb', { text: 'c\x1b\n', cycle })
    assert(!lines[0]?.includes('\x1b'))
    assert.match(lines[0] ?? '', /a\\x1b\[2Jb\t\{"unprintable":/)
  })

  test('who speaks stands before the message: the service, or the type of a component', () => {
    const { log, lines } = logTo({ callerVersion: '1.2.3' })
    const fields = { 'otelcol.component.id': 'otlp_http/a', 'otelcol.component.kind': 'exporter' }
    withFields(log, fields).info('Slow.')
    log.info('Bare.')
    assert.match(lines[0] ?? '', /\tinfo\totlphttpexporter@v1\.2\.3\tSlow\.\t\{/)
    assert.equal(lines[1], '1970-01-01T00:00:00.000Z\tinfo\tservice@v1.2.3\tBare.\n')
    const json = logTo({ callerVersion: '1.2.3', encoding: 'json' })
    json.log.info('Bare.')
    assert.equal(JSON.parse(json.lines[0] ?? '').caller, 'service@v1.2.3')
  })

  const expected = new Error('refused')
  const bug = new TypeError('undefined is not a function')
  const stacks: [stacks: 'bugs' | 'all', level: Level, error: Error, shown: boolean][] = [
    ['bugs', 'error', bug, true],
    ['bugs', 'error', expected, false],
    ['bugs', 'warn', bug, false],
    ['all', 'warn', expected, true],
    ['all', 'info', expected, false],
  ]
  for (const [which, level, error, shown] of stacks) {
    test(`stacks of ${which}: ${level} with ${error.name}: ${shown}`, () => {
      const { log, lines } = logTo({ stacks: which })
      log[level]('Oh.', { error })
      assert.equal(lines[0]?.includes('"stacktrace"'), shown)
    })
  }
})

describe('sampler', () => {
  test('after the first few only each n-th is written, until the tick is over', () => {
    let now = 0
    const sampler = new Sampler({ tick: 1000, initial: 2, thereafter: 3 }, () => now)
    const written = () => !sampler.drops('info', 'x')
    const first = Array.from({ length: 9 }, written)
    assert.deepEqual(first, [true, true, false, false, true, false, false, true, false])
    assert.equal(sampler.drops('warn', 'x'), false)
    assert.equal(sampler.drops('info', 'y'), false)
    now = 1000
    assert.equal(written(), true)
  })

  test('thereafter 0 writes none, initial 0 none at all', () => {
    const none = new Sampler({ tick: 1000, initial: 1, thereafter: 0 }, () => 0)
    assert.deepEqual(
      [1, 2, 3].map(() => none.drops('info', 'x')),
      [false, true, true],
    )
    const never = new Sampler({ tick: 1000, initial: 0, thereafter: 0 }, () => 0)
    assert.equal(never.drops('info', 'x'), true)
  })
})
