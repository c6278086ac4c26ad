import type { Description } from './description.ts'
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
}

/** What a criterion looks at. */
export interface Subject {
  readonly process: Process
  /** TCP ports that the process listens on now. */
  readonly ports: ReadonlySet<number>
  /** Costs reading files, so it is asked only by who needs it. */
  describe(): Description
}

/** The cheap criteria come first. */
const CRITERIA: readonly ((selector: Selector, subject: Subject) => boolean)[] = [
  ({ targetPids }, { process }) => targetPids?.includes(process.tgid) ?? true,
  ({ exePath }, { process }) => exePath?.test(process.exePath) ?? true,
  ({ cmdArgs }, { process }) => cmdArgs === undefined || matchesArguments(cmdArgs, process.args),
  ({ containersOnly }, { process }) => !containersOnly || process.cgroup.containerId !== '',
  ({ openPorts }, { ports }) =>
    openPorts === undefined || [...ports].some((port) => includesPort(openPorts, port)),
  ({ languages }, subject) => languages?.test(subject.describe().runtime.language) ?? true,
  ({ containerName }, subject) => containerName?.test(subject.describe().container.name) ?? true,
  ({ k8sContainerName }, subject) =>
    k8sContainerName === undefined || isContainerOfPod(k8sContainerName, subject),
  ({ podName }, subject) => podName?.test(subject.describe().container.podName) ?? true,
  ({ podNamespace }, subject) => podNamespace?.test(subject.describe().container.namespace) ?? true,
]

export const matches = (selector: Selector, subject: Subject): boolean =>
  CRITERIA.every((criterion) => criterion(selector, subject))

/** With and without the program's name in front: users write either. */
const matchesArguments = (glob: Pattern, args: readonly string[]) =>
  glob.test(args.slice(1).join(' ')) || glob.test(args.join(' '))

function isContainerOfPod(glob: Pattern, subject: Subject): boolean {
  const { podName, name } = subject.describe().container
  return podName !== '' && glob.test(name)
}
