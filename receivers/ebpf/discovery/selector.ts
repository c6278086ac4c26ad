import type { Description } from './description.ts'
import { includesPort, type Ports } from './ports.ts'
import type { Process } from './process.ts'

/** One entry of `discovery::instrument` or `exclude_instrument`: all criteria that are there must match. */
export interface Selector {
  readonly openPorts?: Ports
  readonly exePath?: RegExp
  readonly cmdArgs?: RegExp
  readonly languages?: RegExp
  readonly targetPids?: readonly number[]
  readonly containersOnly?: boolean
  readonly containerName?: RegExp
  readonly k8sContainerName?: RegExp
  readonly podName?: RegExp
  readonly podNamespace?: RegExp
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
const matchesArguments = (glob: RegExp, args: readonly string[]) =>
  glob.test(args.slice(1).join(' ')) || glob.test(args.join(' '))

function isContainerOfPod(glob: RegExp, subject: Subject): boolean {
  const { podName, name } = subject.describe().container
  return podName !== '' && glob.test(name)
}
