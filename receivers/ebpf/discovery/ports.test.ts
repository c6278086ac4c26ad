import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { includesPort, parsePorts } from './ports.ts'

describe('parsePorts', () => {
  type Case = [name: string, text: string, within: readonly number[], outside: readonly number[]]
  const cases: Case[] = [
    ['one port', '80', [80], [79, 81]],
    ['a list', '80,443', [80, 443], [81, 442]],
    ['a range, ends included', '8000-8999', [8000, 8500, 8999], [7999, 9000]],
    ['list with ranges and spaces', '80, 8000-8001 ,65535', [80, 8001, 65_535], [8002]],
    ['a range of one', '80-80', [80], [81]],
  ]
  for (const [name, text, within, outside] of cases) {
    test(name, () => {
      const ports = parsePorts(text)
      assert.ok(typeof ports !== 'string', String(ports))
      for (const port of within) assert.ok(includesPort(ports, port), `${port}`)
      for (const port of outside) assert.ok(!includesPort(ports, port), `${port}`)
    })
  }
  for (const text of ['', 'http', '80-', '-80', '0', '65536', '90-80', '80;81', '1e3', '80,,81']) {
    test(`refuses "${text}"`, () => assert.equal(typeof parsePorts(text), 'string'))
  }
})
