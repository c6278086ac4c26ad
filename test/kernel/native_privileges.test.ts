import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { release } from 'node:os'
import { before, describe, test } from 'node:test'
import { buildTestObjects, NATIVE_OBJECT } from './native_object.ts'

const LOAD = new URL('../../native/load.js', import.meta.url)

/** Loads, and prints `ok`, or of the first failure the code of the cause and the hint. */
const SCRIPT = `
  import { loadObject } from '${LOAD}'
  const told = (error) => console.log(error.cause.code + ': ' + error.hint)
  try {
    const { object, failed } = loadObject('${NATIVE_OBJECT}')
    if (failed.length > 0) told(failed[0].error)
    else console.log('ok')
    object.close()
  } catch (error) {
    told(error)
  }`

const ALL_BUT_RESOURCE = ['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource']
const NO_CAPABILITY = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
const LITTLE_MEMLOCK = ['prlimit', '--memlock=8192:8192']

function load(...wrapper: string[]): string {
  const argv = [...wrapper, process.execPath, '--input-type=module', '-e', SCRIPT]
  const { stdout, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' })
  return stdout.trim() || stderr
}

/** Source: kernel v5.11, commit 3ac1f01b43b6 (bpf: Eliminate rlimit-based memory accounting for bpf progs) */
const [major = 0, minor = 0] = release().split('.').map(Number)
const chargesMemlock = major < 5 || (major === 5 && minor < 11)

describe('loading with', () => {
  before(buildTestObjects)

  test('little memlock that may be raised', () => {
    assert.equal(load(...LITTLE_MEMLOCK), 'ok')
  })

  test('little memlock that cannot be raised matters before 5.11 only', () => {
    const told = load(...LITTLE_MEMLOCK, ...ALL_BUT_RESOURCE)
    if (chargesMemlock) assert.match(told, /^EPERM: RLIMIT_MEMLOCK is 8192 bytes and could not/)
    else assert.equal(told, 'ok')
  })

  test('no capability', () => {
    assert.match(load(...NO_CAPABILITY), /^EPERM: .*run as root or grant CAP_BPF/)
  })
})
