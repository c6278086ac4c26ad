import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLogger, type Level, type LoggerOptions, withFields } from './logger.ts'

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
})
