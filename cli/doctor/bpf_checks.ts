import { spawnSync } from 'node:child_process'
import { processExec, RecordType } from '../../bpf/events.gen.ts'
import { findElfSymbols } from '../../native/elf.ts'
import type { LoadedObject } from '../../native/load.ts'
import { DRAIN_HEADER_BYTES, RingReader } from '../../native/ring_reader.ts'
import { setLog } from '../../native/system.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { Kernel, type KernelSettings } from '../../receivers/ebpf/kernel.ts'
import {
  autoloadOf,
  HOOK_FAMILIES,
  type HookFamily,
  ownSections,
  readsDatagrams,
} from '../../receivers/ebpf/sources/tcp.ts'
import { type Check, degraded, failed, hintOf, ok } from './check.ts'

/** Small: nothing but the trials runs on it. */
const SETTINGS: KernelSettings = {
  pairInKernel: true,
  requestHead: 1024,
  responseHead: 256,
  connections: 1024,
  rings: 1,
  ringBytes: 1 << 20,
}
const REPORT = 'report a bug, with the output of `weir doctor --json`'

/** Loads and attaches every program as an agent would, beside one that may be running, and takes all of it out again. */
export async function bpfChecks(): Promise<Check[]> {
  setLog('warn', () => undefined)
  let kernel: Kernel | undefined
  try {
    kernel = new Kernel(SETTINGS)
    const processes = kernel.load('process')
    return [
      ...programChecks('process', processes),
      ringCheck(processes),
      mappingCheck(processes),
      ...familyChecks(kernel),
      ...(await opensslChecks(kernel)),
      ...programChecks('go', kernel.load('go')),
    ]
  } catch (error) {
    return [failed('BPF', messageOf(error), hintOf(error, REPORT))]
  } finally {
    kernel?.close()
  }
}

/** Programs that every kernel should take; of those that a family of hooks has, one is enough. */
function programChecks(object: string, { object: loaded, failed: all }: LoadedObject): Check[] {
  const ofFamily = loaded.programs().filter(({ section }) => isOfFamily(section))
  const refused = all.filter(({ program }) => !ofFamily.some(({ name }) => name === program))
  if (refused.length === 0) return [ok(`programs of ${object}`, 'all load')]
  return refused.map(({ program, error }) =>
    degraded(`program ${program} of ${object}`, error.message, error.hint ?? REPORT),
  )
}

const isOfFamily = (section: string): boolean =>
  HOOK_FAMILIES.some((family) => ownSections(family).test(section))

/** Libraries that are loaded late are found by the first of three hooks that attaches. */
function mappingCheck({ object, failed: refused }: LoadedObject): Check {
  const name = 'files mapped as code'
  const errors: string[] = refused.map(({ error }) => error.message)
  for (const { name: program, section } of object.programs()) {
    if (!isOfFamily(section)) continue
    try {
      object.attach(program)
      return ok(name, `told by ${section}`)
    } catch (error) {
      errors.push(messageOf(error))
    }
  }
  return degraded(name, `libraries loaded late are not found: ${errors.join('; ')}`, REPORT)
}

/** The whole way of one record: a program is executed, and its name comes through the ring. */
function ringCheck({ object }: LoadedObject): Check {
  const name = 'exec records through the ring buffer'
  try {
    for (const program of object.programs()) {
      if (program.section === 'tp_btf/sched_process_exec') object.attach(program.name)
    }
    const ring = new RingReader([object.map('process_ring')])
    const buffer = Buffer.alloc(1 << 20)
    ring.drain(buffer)
    const { pid } = spawnSync('true')
    const bytes = ring.drain(buffer)
    ring.close()
    if (hasExec(buffer, bytes, pid)) return ok(name, `process ${pid} was seen to start`)
    return failed(name, `process ${pid} started, and no record came`, REPORT)
  } catch (error) {
    return failed(name, messageOf(error), hintOf(error, REPORT))
  }
}

function hasExec(buffer: Buffer, bytes: number, pid: number): boolean {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  for (let at = 0; at < bytes; ) {
    const length = buffer.readUInt32LE(at)
    const from = at + DRAIN_HEADER_BYTES
    if (processExec.type(view, from) === RecordType.EXEC && processExec.tgid(view, from) === pid) {
      return true
    }
    at = from + ((length + 7) & ~7)
  }
  return false
}

/** One family is enough; the first that works is taken. */
function familyChecks(kernel: Kernel): Check[] {
  const tried = HOOK_FAMILIES.map((family) => tryFamily(kernel, family))
  const [taken] = tried.filter(({ error }) => error === undefined)
  const checks = tried.map((trial) => {
    const { family, error } = trial
    const name = `hooks: ${family}`
    if (error === undefined) return ok(name, trial === taken ? 'works, and is taken' : 'works')
    if (taken !== undefined) return ok(name, `not here, and not needed: ${messageOf(error)}`)
    return failed(name, messageOf(error), hintOf(error, REPORT))
  })
  return taken === undefined ? checks : [...checks, datagramCheck(taken)]
}

/** Lookups are a feature by themselves: all else works without. */
function datagramCheck({ family, refused }: Trial): Check {
  const name = 'lookups of DNS over UDP'
  const [first] = refused.filter(({ program }) => readsDatagrams(program))
  if (first === undefined) return ok(name, `read by ${family}`)
  return degraded(name, `not read whole: ${first.error.message}`, first.error.hint ?? REPORT)
}

/** A family of hooks, and why it does not work here if it does not. */
interface Trial {
  readonly family: HookFamily
  readonly error?: unknown
  /** Programs that it works without. */
  readonly refused: LoadedObject['failed']
}

function tryFamily(kernel: Kernel, family: HookFamily): Trial {
  try {
    const { object, failed: refused } = kernel.load(
      'tcp',
      autoloadOf(family, kernel.programs('tcp')),
    )
    try {
      const own = object
        .programs()
        .filter(({ name, section }) => ownSections(family).test(section) && !readsDatagrams(name))
      const usable = own.filter(({ name }) => !refused.some(({ program }) => program === name))
      if (usable.length === 0) throw refused[0]?.error ?? new Error('it has no program here')
      for (const { name } of usable) object.attach(name)
      return { family, refused }
    } finally {
      kernel.unload(object)
    }
  } catch (error) {
    return { family, error, refused: [] }
  }
}

/** A uprobe for real, in the Node that runs this: its OpenSSL is in the executable. */
async function opensslChecks(kernel: Kernel): Promise<Check[]> {
  const name = 'uprobes'
  const fix =
    'grant CAP_PERFMON (some kernels ask for CAP_SYS_ADMIN); see kernel.perf_event_paranoid'
  try {
    const loaded = kernel.load('openssl')
    const checks = programChecks('openssl', loaded)
    const [symbol] = await findElfSymbols(process.execPath, ['SSL_free'])
    if (symbol === undefined) {
      return [...checks, ok(name, `not tried: ${process.execPath} has no SSL_free`)]
    }
    loaded.object.attachUprobe('ssl_free', process.execPath, symbol.offset)
    return [...checks, ok(name, `one was attached to ${process.execPath}`)]
  } catch (error) {
    return [degraded(name, `TLS is not read: ${messageOf(error)}`, fix)]
  }
}
