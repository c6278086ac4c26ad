import type { Description } from './description.ts'
import type { OwnerKind, PodFacts } from './pod_facts.ts'
import { includesPort, type Ports } from './ports.ts'
import type { Process } from './process.ts'

/** A glob, or an expression that OBI's older form has. */
export interface Pattern {
  test(text: string): boolean
}

/** One entry of `discovery::instrument` or `exclude_instrument`: all criteria that are there must match. */
export interface Selector {
  /** What `explain` calls it, where its place in the list does not say it. */
  readonly rule?: string
  readonly openPorts?: Ports
  readonly exePath?: Pattern
  readonly cmdArgs?: Pattern
  readonly languages?: Pattern
  readonly targetPids?: readonly number[]
  readonly containersOnly?: boolean
  readonly containerName?: Pattern
  readonly k8sContainerName?: Pattern
  readonly podName?: Pattern
  readonly podNamespace?: Pattern
  /** What stands above all else that owns its pod. */
  readonly podOwner?: Pattern
  readonly podOwners?: ReadonlyMap<OwnerKind, Pattern>
  readonly podLabels?: ReadonlyMap<string, Pattern>
  readonly podAnnotations?: ReadonlyMap<string, Pattern>
}

/** What a criterion looks at. */
export interface Subject {
  readonly process: Process
  /** TCP ports that the process listens on now. */
  readonly ports: ReadonlySet<number>
  /** Undefined: it is in none, or Kubernetes does not tell of it. */
  readonly pod: PodFacts | 'awaited' | undefined
  /** Costs reading files, so it is asked only by who needs it. */
  describe(): Description
}

/** `awaited`: Kubernetes will say it, or the time for that will be over. */
export type Match = boolean | 'awaited'

type Criterion = (selector: Selector, subject: Subject) => Match

/** The cheap criteria come first. */
const CRITERIA: readonly Criterion[] = [
  ({ targetPids }, { process }) => targetPids?.includes(process.tgid) ?? true,
  ({ exePath }, { process }) => exePath?.test(process.exePath) ?? true,
  ({ cmdArgs }, { process }) => cmdArgs === undefined || matchesArguments(cmdArgs, process.args),
  ({ containersOnly }, { process }) => !containersOnly || process.cgroup.containerId !== '',
  ({ openPorts }, { ports }) =>
    openPorts === undefined || [...ports].some((port) => includesPort(openPorts, port)),
  ({ languages }, subject) => languages?.test(subject.describe().runtime.language) ?? true,
  ({ containerName }, subject) => containerName?.test(subject.describe().container.name) ?? true,
  ({ k8sContainerName }, subject) => byName(k8sContainerName, containerOfPod, 'container', subject),
  ({ podName }, subject) => byName(podName, (local) => local.podName, 'name', subject),
  ({ podNamespace }, subject) => byName(podNamespace, namespaceOf, 'namespace', subject),
  ({ podOwner }, { pod }) =>
    podOwner === undefined || ofPod(pod, ({ owner }) => podOwner.test(owner.name)),
  ({ podOwners }, { pod }) =>
    podOwners === undefined || ofPod(pod, ({ owners }) => hasAll(podOwners, owners)),
  ({ podLabels }, { pod }) =>
    podLabels === undefined || ofPod(pod, ({ labels }) => hasAll(podLabels, labels)),
  ({ podAnnotations }, { pod }) =>
    podAnnotations === undefined ||
    ofPod(pod, ({ annotations }) => hasAll(podAnnotations, annotations)),
]

export function matches(selector: Selector, subject: Subject): Match {
  let match: Match = true
  for (const criterion of CRITERIA) {
    const one = criterion(selector, subject)
    if (one === false) return false
    if (one === 'awaited') match = one
  }
  return match
}

/** With and without the program's name in front: users write either. */
const matchesArguments = (glob: Pattern, args: readonly string[]) =>
  glob.test(args.slice(1).join(' ')) || glob.test(args.join(' '))

type Local = Description['container']

const containerOfPod = ({ podName, name }: Local) => (podName === '' ? '' : name)
const namespaceOf = ({ namespace }: Local) => namespace

/** The node's own files tell names without asking anybody; where they do not, Kubernetes may. */
function byName(
  pattern: Pattern | undefined,
  localName: (container: Local) => string,
  key: 'name' | 'namespace' | 'container',
  subject: Subject,
): Match {
  if (pattern === undefined) return true
  const local = localName(subject.describe().container)
  if (local !== '') return pattern.test(local)
  return ofPod(subject.pod, (pod) => pod[key] !== '' && pattern.test(pod[key]))
}

const ofPod = (pod: Subject['pod'], test: (pod: PodFacts) => boolean): Match =>
  pod === 'awaited' ? pod : pod !== undefined && test(pod)

const hasAll = (
  patterns: ReadonlyMap<string, Pattern>,
  texts: Readonly<Partial<Record<string, string>>>,
): boolean =>
  [...patterns].every(
    ([key, pattern]) => Object.hasOwn(texts, key) && pattern.test(texts[key] ?? ''),
  )
