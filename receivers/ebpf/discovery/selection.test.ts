import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileGlob } from './glob.ts'
import { parsePorts } from './ports.ts'
import { type Process, unknownProcess } from './process.ts'
import { Selection } from './selection.ts'
import type { Selector } from './selector.ts'
import { processOf, surroundings } from './testing.ts'

const OWN = 77

const glob = (text: string) => {
  const compiled = compileGlob(text)
  assert.ok(compiled instanceof RegExp)
  return compiled
}
const ports = (text: string) => {
  const parsed = parsePorts(text)
  assert.ok(typeof parsed !== 'string')
  return parsed
}
const nginx: Process = processOf({
  tgid: 100,
  comm: 'nginx',
  args: ['nginx', '-g', 'daemon off;'],
})
const like = (change: Partial<Process>): Process => ({ ...nginx, ...change })

describe('Selection', () => {
  type Case = [
    name: string,
    instrument: readonly Selector[],
    exclude: readonly Selector[],
    process: Process,
    listens: readonly number[],
    want: string,
  ]
  const every = 'yes, default: every process'
  const none = 'no, no entry of instrument matches'
  const agent = 'no, default: a telemetry agent'
  const cases: Case[] = [
    ['nothing said: everything', [], [], nginx, [], every],
    ['weir itself', [], [], like({ tgid: OWN }), [], 'no, default: weir itself'],
    [
      'weir itself, even if asked for',
      [{ targetPids: [OWN] }],
      [],
      like({ tgid: OWN }),
      [],
      'no, default: weir itself',
    ],
    ['a collector', [], [], like({ exePath: '/usr/bin/otelcol-contrib' }), [], agent],
    ['obi', [], [], like({ exePath: '/opt/obi' }), [], agent],
    ['beyla', [], [], like({ exePath: '/beyla' }), [], agent],
    [
      'no agent, though its folder is named so',
      [],
      [],
      like({ exePath: '/otelcol/app' }),
      [],
      every,
    ],
    ['no agent, though its name ends so', [], [], like({ exePath: '/usr/bin/bobi' }), [], every],
    [
      'another weir, run by node',
      [],
      [],
      like({ exePath: '/usr/bin/node', args: ['node', '/opt/weir/dist/cli/main.js'] }),
      [],
      agent,
    ],
    ['by executable', [{ exePath: glob('*/nginx') }], [], nginx, [], 'yes, instrument[0]'],
    ['by another executable', [{ exePath: glob('*/apache2') }], [], nginx, [], none],
    [
      'by arguments without the name',
      [{ cmdArgs: glob('-g*') }],
      [],
      nginx,
      [],
      'yes, instrument[0]',
    ],
    [
      'by arguments with the name',
      [{ cmdArgs: glob('nginx -g*') }],
      [],
      nginx,
      [],
      'yes, instrument[0]',
    ],
    ['by process id', [{ targetPids: [99, 100] }], [], nginx, [], 'yes, instrument[0]'],
    [
      'by port',
      [{ openPorts: ports('80,8000-8999') }],
      [],
      nginx,
      [22, 8080],
      'yes, instrument[0]',
    ],
    ['by a port that is not open', [{ openPorts: ports('80') }], [], nginx, [8080], none],
    [
      'fields of an entry are AND-ed',
      [{ openPorts: ports('80'), exePath: glob('*python*') }],
      [],
      nginx,
      [80],
      none,
    ],
    [
      'entries are OR-ed',
      [{ exePath: glob('*python*') }, { openPorts: ports('80') }],
      [],
      nginx,
      [80],
      'yes, instrument[1]',
    ],
    [
      'exclusion wins',
      [{ exePath: glob('*nginx') }],
      [{ openPorts: ports('9090') }],
      nginx,
      [9090],
      'no, exclude_instrument[0]',
    ],
    ['nothing known', [], [], unknownProcess(100), [], every],
    [
      'nothing known but its id, by which it was asked for',
      [{ targetPids: [100] }],
      [],
      unknownProcess(100),
      [],
      'yes, instrument[0]',
    ],
    [
      'nothing known, and some are excluded',
      [],
      [{ exePath: glob('*/x') }],
      unknownProcess(100),
      [],
      'no, exclude_instrument: it ended before anything was known of it',
    ],
    [
      'excluded from everything',
      [],
      [{ exePath: glob('*nginx') }],
      nginx,
      [],
      'no, exclude_instrument[0]',
    ],
    ['no executable known, none asked for', [], [], like({ exePath: '' }), [], every],
    [
      'no executable known, one asked for',
      [{ exePath: glob('*nginx') }],
      [],
      like({ exePath: '' }),
      [],
      none,
    ],
  ]
  for (const [name, instrument, exclude, process, listens, want] of cases) {
    test(name, () => {
      const selection = new Selection({ instrument, exclude }, OWN)
      const got = selection.decide(process, surroundings({ ports: new Set(listens) }))
      assert.equal(`${got.selected ? 'yes' : 'no'}, ${got.rule}`, want)
    })
  }

  test('children follow their parent, and say so once', () => {
    const selection = new Selection({ instrument: [{ targetPids: [1] }] }, OWN)
    const parent = selection.decide(like({ tgid: 1 }), surroundings())
    const child = selection.decide(nginx, surroundings({ parent }))
    const grandchild = selection.decide(nginx, surroundings({ parent: child }))
    assert.equal(grandchild.rule, 'instrument[0] by its parent')
  })

  test('knows whether ports matter', () => {
    const openPorts = ports('80')
    const looksAtPorts = (...instrument: Selector[]) =>
      new Selection({ instrument }, OWN).looksAtPorts
    assert.equal(looksAtPorts({ exePath: glob('*') }), false)
    assert.equal(looksAtPorts({ openPorts }), true)
    assert.equal(new Selection({ exclude: [{ openPorts }] }, OWN).looksAtPorts, true)
  })
})
