import type { ProgramInfo } from '../../../native/addon.ts'
import { AgentError } from '../../../native/agent_error.ts'
import type { BpfObject } from '../../../native/bpf_object.ts'
import type { LoadedObject } from '../../../native/load.ts'
import { FILES } from '../../../native/load_error.ts'
import type { Degradation, Source, SourceHost } from './source.ts'

/** Ways into the kernel's TCP code, best first. Costs and traps: docs/kernel-support.md */
export const HOOK_FAMILIES = ['fentry', 'tracepoint', 'kprobe'] as const
export type HookFamily = (typeof HOOK_FAMILIES)[number]

/** Sections of a family, and those without which it is of no use. */
const FAMILIES: Readonly<Record<HookFamily, { own: RegExp; needed: readonly string[] }>> = {
  fentry: {
    // And one function of UDP at its entry: see bpf/udp/fexit.h.
    own: /^(?:f(?:entry|exit)\/|kprobe\/udpv6_sendmsg$)/,
    needed: ['fexit/tcp_sendmsg', 'fexit/tcp_recvmsg'],
  },
  tracepoint: { own: /^tp_btf\/sys_exit$/, needed: ['tp_btf/sys_exit'] },
  kprobe: {
    own: /^kprobe\//,
    needed: ['kprobe/tcp_sendmsg', 'kprobe/tcp_recvmsg', 'kprobe/release_sock'],
  },
}

/** Sections of the programs that belong to a family alone. */
export const ownSections = (family: HookFamily): RegExp => FAMILIES[family].own

/** Loaded with every family: connections begin and end here. */
const STATES: readonly string[] = ['tp_btf/inet_sock_set_state', 'tp_btf/tcp_destroy_sock']

/** Does a program, by its name or section, see datagrams and no bytes of TCP? */
export const readsDatagrams = (program: string): boolean => program.includes('udp')

/** Of one family: what is loaded, and which of its programs are wanted. */
export function autoloadOf(
  family: HookFamily,
  programs: readonly ProgramInfo[],
): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    programs.map(({ name, section }) => [
      name,
      STATES.includes(section) || FAMILIES[family].own.test(section),
    ]),
  )
}

/** What the TCP source needs of the kernel. */
export interface TcpLoader {
  programs(): readonly ProgramInfo[]
  /** Throws when the kernel refuses the program. */
  tryProgram(name: string): void
  load(autoload: Readonly<Record<string, boolean>>): LoadedObject
  unload(object: BpfObject): void
}

export interface TcpSource extends Source {
  /** The hooks that are attached; undefined before `start`. */
  readonly family: HookFamily | undefined
}

/**
 * Bytes of TCP sockets. Takes the best family of hooks that loads and attaches, or the one that is asked for. A program beside the
 * needed ones that does not come up is a path that this kernel has not, or is told as a degradation.
 */
export function createTcpSource(
  host: SourceHost,
  loader: TcpLoader,
  hooks: HookFamily | 'auto',
): TcpSource {
  const degraded: Degradation[] = []
  let family: HookFamily | undefined
  let object: BpfObject | undefined

  const tryFamily = (wanted: HookFamily): void => {
    const programs = loader.programs()
    const autoload = autoloadOf(wanted, programs)
    const { needed } = FAMILIES[wanted]
    const first = programs.find(({ section }) => section === needed[0])
    // One program first: a kernel that refuses it refuses them all, and each refusal costs a load.
    if (first !== undefined && needed.length > 1) loader.tryProgram(first.name)
    const loaded = loader.load(autoload)
    const missing: Degradation[] = []
    try {
      for (const { program, error } of loaded.failed) {
        onMissing(wanted, sectionOf(programs, program), error, missing)
      }
      for (const { name, section } of programs) {
        if (autoload[name] !== true || loaded.failed.some((one) => one.program === name)) continue
        try {
          loaded.object.attach(name)
        } catch (error) {
          onMissing(wanted, section, error, missing)
        }
      }
    } catch (error) {
      loader.unload(loaded.object)
      throw error
    }
    object = loaded.object
    family = wanted
    degraded.push(...missing)
  }

  return {
    name: 'tcp',
    get family() {
      return family
    },
    start() {
      const refusals: string[] = []
      let hint = 'run as root on kernel 5.10 or newer; with `hooks: auto` every family is tried'
      for (const one of hooks === 'auto' ? HOOK_FAMILIES : [hooks]) {
        try {
          tryFamily(one)
          host.log.info(
            `TCP hooks: ${one}`,
            refusals.length === 0 ? undefined : { refused: refusals },
          )
          return
        } catch (error) {
          refusals.push(`${one}: ${error instanceof Error ? error.message : String(error)}`)
          if ((error as NodeJS.ErrnoException).code === 'EMFILE') hint = FILES
        }
      }
      throw new AgentError(`attach TCP hooks: ${refusals.join('; ')}`, {
        code: 'NO_HOOKS',
        hint,
      })
    },
    degraded: () => degraded,
    stop() {
      if (object !== undefined) loader.unload(object)
      object = undefined
    },
  }
}

const sectionOf = (programs: readonly ProgramInfo[], name: string) =>
  programs.find((one) => one.name === name)?.section ?? name

/** Throws when the family is of no use without this program. */
function onMissing(
  family: HookFamily,
  section: string,
  error: unknown,
  missing: Degradation[],
): void {
  if (STATES.includes(section) || FAMILIES[family].needed.includes(section)) throw error
  const cause = error instanceof Error ? error.message : String(error)
  if (readsDatagrams(section)) {
    const fix = 'weir goes on: lookups over TCP, and those that go by other functions, are read'
    missing.push({ feature: `lookups of DNS that go by ${section}`, cause, fix })
    return
  }
  if (isAbsent(cause)) return
  missing.push({
    feature: `bytes that go by ${section}`,
    cause,
    fix: 'none, if no watched program uses sendfile or splice',
  })
}

/** The function does not exist in this kernel: tcp_sendpage went in 6.5, for example. */
const isAbsent = (cause: string) =>
  /ENOENT|ESRCH|No such|failed to find kernel BTF type/i.test(cause)
