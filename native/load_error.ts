import { release } from 'node:os'
import { AgentError } from './agent_error.ts'
import { memlockLimit } from './system.ts'

/** Why one BPF program did not load. */
export interface LoadFailure {
  /** '' when it was no program but the object itself, a map for example. */
  readonly program: string
  /** The telling line: the verifier's verdict, or what libbpf said. '' when neither said a thing. */
  readonly reason: string
  /** The verifier's, one line per entry; empty when it was not asked. */
  readonly log: readonly string[]
}

const PRIVILEGES = 'run as root or grant CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE'

/** For an EMFILE: programs and maps are open files, some 200 of them. */
export const FILES = 'raise the limit of open files to 1024 or more (ulimit -n, LimitNOFILE=)'

const HINTS: Record<string, string> = {
  EPERM: PRIVILEGES,
  EACCES:
    'the verifier of this kernel refused the program; report it with the output of `weir doctor --json`',
  EMFILE: FILES,
}

const PROGRAM = /^prog '([^']+)': /
const VERIFIER_LOG = /^-- BEGIN PROG LOAD LOG --\n([\s\S]*?)\n?-- END PROG LOAD LOG --$/

/** Reads libbpf's warnings of a failed load. Source: libbpf 1.1, src/libbpf.c, bpf_object_load_prog */
export function parseLoadMessages(messages: readonly string[]): LoadFailure {
  const told = messages.findLast((message) => PROGRAM.test(message))
  const program = (told && PROGRAM.exec(told)?.[1]) ?? ''
  const own = messages
    .filter((message) => message.startsWith(`prog '${program}': `))
    .map((message) => message.slice(`prog '${program}': `.length))
  const log = own.flatMap((text) => VERIFIER_LOG.exec(text)?.[1]?.split('\n') ?? [])
  const verdict = log.findLast(isTelling)
  const said = program === '' ? messages[0] : own.find((text) => !VERIFIER_LOG.test(text))
  return { program, reason: verdict ?? said ?? '', log }
}

const isTelling = (line: string): boolean =>
  line !== '' && !/^(processed \d|verification time|stack depth|max_states|peak_states)/.test(line)

/** What the operator reads: `object` is the path of the file, `cause` what `BpfObject.load` threw. */
export function loadError(
  object: string,
  cause: NodeJS.ErrnoException,
  failure: LoadFailure,
): AgentError {
  const errno = cause.code ?? 'UNKNOWN'
  const what =
    failure.program === '' ? `load BPF object ${object}` : `load BPF program ${failure.program}`
  const lines = failure.log.length > 0 ? ` (${failure.log.length} log lines)` : ''
  return new AgentError(`${what}: ${errno}: ${failure.reason || cause.message}${lines}`, {
    code: 'BPF_LOAD_FAILED',
    cause,
    hint: memlockHint(errno, release(), memlockLimit()) ?? HINTS[errno],
  })
}

/**
 * Before 5.11 the kernel charges maps and programs to RLIMIT_MEMLOCK, and says EPERM when that is reached. libbpf has tried
 * to raise it; `limit` is what came of it, bytes. Since 5.11 the limit means nothing to BPF.
 */
export function memlockHint(errno: string, kernel: string, limit: number): string | undefined {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
  const charged = major < 5 || (major === 5 && minor < 11)
  if (errno !== 'EPERM' || !charged || limit === Number.POSITIVE_INFINITY) return undefined
  return `RLIMIT_MEMLOCK is ${limit} bytes and could not be raised, and kernel ${kernel} needs it: set LimitMEMLOCK=infinity, or ${PRIVILEGES}`
}
