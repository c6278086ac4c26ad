import type { ProgramInfo } from '../../../native/addon.ts'
import { AgentError } from '../../../native/agent_error.ts'
import type { BpfObject } from '../../../native/bpf_object.ts'
import type { LoadedObject } from '../../../native/load.ts'
import { FILES } from '../../../native/load_error.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
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

/**
 * Bytes of TCP sockets. Takes the best family of hooks that loads and attaches, or the one that is asked for. A program beside the
 * needed ones that does not come up is a path that this kernel has not, or is told as a degradation.
 */
export class TcpSource implements Source {
  readonly name = 'tcp'
  readonly #host: SourceHost
  readonly #loader: TcpLoader
  readonly #families: readonly HookFamily[]
  #degraded: readonly Degradation[] = []
  #family: HookFamily | undefined
  #object: BpfObject | undefined

  constructor(host: SourceHost, loader: TcpLoader, hooks: HookFamily | 'auto') {
    this.#host = host
    this.#loader = loader
    this.#families = hooks === 'auto' ? HOOK_FAMILIES : [hooks]
  }

  /** The hooks that are attached; undefined before `start`. */
  get family(): HookFamily | undefined {
    return this.#family
  }

  start(): void {
    const refusals: string[] = []
    let hint = 'run as root on kernel 5.10 or newer; with `hooks: auto` every family is tried'
    for (const family of this.#families) {
      try {
        this.#take(family)
        const fields = refusals.length === 0 ? undefined : { refused: refusals }
        this.#host.log.info(`TCP hooks: ${family}`, fields)
        return
      } catch (error) {
        refusals.push(`${family}: ${messageOf(error)}`)
        if ((error as NodeJS.ErrnoException).code === 'EMFILE') hint = FILES
      }
    }
    throw new AgentError(`attach TCP hooks: ${refusals.join('; ')}`, { code: 'NO_HOOKS', hint })
  }

  degraded(): readonly Degradation[] {
    return this.#degraded
  }

  stop(): void {
    if (this.#object !== undefined) this.#loader.unload(this.#object)
    this.#object = undefined
  }

  /** Throws when the family is of no use. */
  #take(family: HookFamily): void {
    const programs = this.#loader.programs()
    this.#tryFirst(family, programs)
    const autoload = autoloadOf(family, programs)
    const loaded = this.#loader.load(autoload)
    try {
      const wanted = programs.filter(({ name }) => autoload[name] === true)
      this.#degraded = attachAll(loaded, family, wanted)
    } catch (error) {
      this.#loader.unload(loaded.object)
      throw error
    }
    this.#object = loaded.object
    this.#family = family
  }

  /** One program first: a kernel that refuses it refuses them all, and each refusal costs a load. */
  #tryFirst(family: HookFamily, programs: readonly ProgramInfo[]): void {
    const [needed, ...others] = FAMILIES[family].needed
    const first = programs.find(({ section }) => section === needed)
    if (first !== undefined && others.length > 0) this.#loader.tryProgram(first.name)
  }
}

/** Attaches the programs of a family that were loaded. Returns what is lost without the others; throws when that is too much. */
function attachAll(
  { object, failed }: LoadedObject,
  family: HookFamily,
  programs: readonly ProgramInfo[],
): readonly Degradation[] {
  const sectionOf = (program: string) =>
    programs.find(({ name }) => name === program)?.section ?? program
  const missing = failed.flatMap(({ program, error }) =>
    degradationOf(family, sectionOf(program), error),
  )
  for (const { name, section } of programs) {
    if (failed.some(({ program }) => program === name)) continue
    try {
      object.attach(name)
    } catch (error) {
      missing.push(...degradationOf(family, section, error))
    }
  }
  return missing
}

/** Throws when the family is of no use without this program. */
function degradationOf(family: HookFamily, section: string, error: unknown): Degradation[] {
  if (STATES.includes(section) || FAMILIES[family].needed.includes(section)) throw error
  const cause = messageOf(error)
  if (readsDatagrams(section)) {
    const fix = 'weir goes on: lookups over TCP, and those that go by other functions, are read'
    return [{ feature: `lookups of DNS that go by ${section}`, cause, fix }]
  }
  if (isAbsent(cause)) return []
  const fix = 'none, if no watched program uses sendfile or splice'
  return [{ feature: `bytes that go by ${section}`, cause, fix }]
}

/** The function does not exist in this kernel: tcp_sendpage went in 6.5, for example. */
const isAbsent = (cause: string) =>
  /ENOENT|ESRCH|No such|failed to find kernel BTF type/i.test(cause)
