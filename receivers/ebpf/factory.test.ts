import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../config/issue.ts'
import { Selection } from './discovery/selection.ts'
import { processOf, surroundings } from './discovery/testing.ts'
import { ebpf, rulesOfConfig } from './factory.ts'

const messages = (config: unknown): string[] => {
  try {
    ebpf.schema.parse(config)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.issues.map((issue) => `${issue.path.join('::')}: ${issue.message}`)
  }
}

describe('configuration of ebpf', () => {
  type Good = [name: string, config: unknown]
  const good: Good[] = [
    ['nothing', {}],
    ['a port as a number', { discovery: { instrument: [{ open_ports: 8080 }] } }],
    [
      'ports as a list with ranges',
      { discovery: { instrument: [{ open_ports: '80,8000-8999' }] } },
    ],
    ['a glob', { discovery: { exclude_instrument: [{ exe_path: '*/{curl,wget}' }] } }],
    ['process ids', { discovery: { instrument: [{ target_pids: [1, 2] }] } }],
    ['larger captures', { capture: { request_head: '4KiB', response_head: '1KiB' } }],
    ['one ring', { rings: { count: 1, size: '64KiB' } }],
    ['headers', { http: { request_headers: ['X-Tenant'], response_headers: ['x-cache'] } }],
    ['TCP alone', { sources: ['tcp'] }],
    ['DNS', { dns: { spans: true, ports: [53, 5300], timeout: '2s' } }],
    ['DNS over TCP alone', { dns: { ports: [] } }],
    ["OBI's shortcut", { open_port: '80,8000-8999' }],
    ['keys of OBI that do nothing', { attributes: { kubernetes: { enable: 'true' } } }],
    ["OBI's poll interval", { discovery: { poll_interval: '30s' } }],
    ['regular expressions', { discovery: { services: [{ exe_path: '(ngin|cadd).*' }] } }],
  ]
  for (const [name, config] of good) {
    test(`takes ${name}`, () => assert.deepEqual(messages(config), []))
  }

  type Bad = [name: string, config: unknown, want: RegExp]
  const bad: Bad[] = [
    [
      'a word for ports',
      { discovery: { instrument: [{ open_ports: 'http' }] } },
      /expected ports like "80,8000-8999", got "http"/,
    ],
    ['a port that there is not', { dns: { ports: [70_000] } }, /dns::ports.*70000/],
    ['no time for an answer', { dns: { timeout: '1ms' } }, /dns::timeout.*100ms/],
    [
      'an open brace',
      { discovery: { instrument: [{ exe_path: 'a{b' }] } },
      /"\{" without "\}" at character 2/,
    ],
    [
      'a regular expression that is none',
      { discovery: { services: [{ exe_path: 'a(' }] } },
      /expected a regular expression, got "a\("/,
    ],
    ['a service without criteria', { discovery: { services: [{ name: 'x' }] } }, /criterion/],
    ['an entry without criteria', { discovery: { instrument: [{}] } }, /at least one criterion/],
    [
      'a misspelt criterion',
      { discovery: { instrument: [{ exe_paht: 'x' }] } },
      /did you mean "exe_path"/,
    ],
    [
      'a response longer than its request',
      { capture: { response_head: '2KiB' } },
      /must not be above request_head/,
    ],
    ['a capture above 4 KiB', { capture: { request_head: '5KiB' } }, /allowed is/],
    ['three rings', { rings: { count: 3 } }, /allowed is 1, 2 or 4/],
    ['hooks that nobody knows', { hooks: 'fentri' }, /did you mean "fentry"/],
    [
      'a header that is none',
      { http: { request_headers: ['x y'] } },
      /expected the name of a header/,
    ],
    ['no TCP', { sources: ['openssl'] }, /tcp is needed/],
  ]
  for (const [name, config, want] of bad) {
    test(`refuses ${name}`, () => {
      const found = messages(config)
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0] ?? '', want)
    })
  }
})

describe('what a configuration selects', () => {
  const nginx = { exePath: '/usr/sbin/nginx' }
  const curl = { exePath: '/usr/bin/curl' }
  const on = (port: number) => ({ ports: new Set([port]) })
  const services = [{ exe_path: 'bin/ng.nx$', name: 'edge' }]
  type Case = [name: string, config: unknown, process: object, around: object, rule: string]
  const cases: Case[] = [
    ['a service', { discovery: { services } }, nginx, {}, 'services[0]'],
    ['no other service', { discovery: { services } }, curl, {}, ''],
    [
      'globs, which stand before expressions',
      { discovery: { services, instrument: [{ exe_path: '*/curl' }] } },
      nginx,
      {},
      '',
    ],
    [
      'an older name',
      { discovery: { services: [{ exe_path_regexp: 'c.rl' }] } },
      curl,
      {},
      'services[0]',
    ],
    [
      'no excluded service',
      { discovery: { exclude_services: [{ exe_path: 'ng.nx' }] } },
      nginx,
      {},
      '',
    ],
    ['a port', { open_port: 8080 }, nginx, on(8080), 'open_port'],
    ['no other port', { open_port: 8080 }, nginx, on(80), ''],
    [
      'a port beside an entry',
      { open_port: 8080, discovery: { instrument: [{ exe_path: '*/curl' }] } },
      curl,
      on(8080),
      'instrument[0], open_port',
    ],
  ]
  for (const [name, config, process, around, rule] of cases) {
    test(name, () => {
      const selection = new Selection(rulesOfConfig(ebpf.schema.parse(config)), 1)
      const decision = selection.decide(processOf(process), surroundings(around))
      assert.equal(decision.selected ? decision.rule : '', rule)
    })
  }
})
