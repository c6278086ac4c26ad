import { NO_CGROUP } from './cgroup.ts'
import { type ContainerNames, NO_NAMES } from './container_names.ts'
import type { Description } from './description.ts'
import { type Executable, NO_EXECUTABLE } from './executable.ts'
import { NO_LABELS } from './pod_identity.ts'
import { DEFAULT_SETTINGS, type KnownProcess, type Process } from './process.ts'
import type { Surroundings } from './selection.ts'

/** A process that never ran; its id is above every pid_max, so /proc knows nothing of it. */
export const processOf = (change: Partial<Process> = {}): Process => ({
  tgid: 4_194_500,
  parent: 1,
  startedNs: 0,
  cpuBeforeNs: 0,
  comm: 'comm',
  exePath: '/usr/sbin/nginx',
  args: [],
  env: new Map(),
  cgroup: NO_CGROUP,
  ...change,
})

/** A process that was decided upon so. */
export const knownBy = (selected: boolean, awaitsPod?: true): KnownProcess => ({
  process: processOf(),
  decision: {
    ...{ selected, rule: '', chosenBy: '', settings: DEFAULT_SETTINGS },
    ...(awaitsPod && { awaitsPod }),
  },
  forked: false,
  pod: undefined,
  maker: undefined,
})

interface Described {
  readonly language?: string
  readonly runtime?: string
  readonly container?: ContainerNames
  readonly executable?: Partial<Executable>
}

export const descriptionOf = (change: Described = {}): Description => ({
  executable: { ...NO_EXECUTABLE, ...change.executable },
  runtime: {
    language: change.language ?? 'generic',
    name: change.runtime ?? '',
    version: '',
    by: 'a test',
  },
  container: change.container ?? NO_NAMES,
})

/** For who is named by itself, without Kubernetes. */
export const BY_ITSELF = { maker: undefined, pod: undefined, labels: NO_LABELS } as const

export const surroundings = (change: Partial<Surroundings> = {}): Surroundings => ({
  ports: new Set(),
  parent: undefined,
  exportsOtlp: false,
  pod: undefined,
  describe: () => descriptionOf(),
  ...change,
})
