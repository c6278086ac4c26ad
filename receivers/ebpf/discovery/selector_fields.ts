import type { Expanded } from '../../../config/expanded.ts'
import { show } from '../../../config/expanded.ts'
import { bool, int, list, map, object } from '../../../config/fields.ts'
import { textOf } from '../../../config/scalars.ts'
import {
  type Infer,
  type Invalid,
  type JsonSchema,
  type Reader,
  Schema,
} from '../../../config/schema.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
import { compileExpression } from '../../../pipeline/regexp.ts'
import { compileGlob } from './glob.ts'
import { OWNER_KINDS } from './pod_facts.ts'
import { type Ports, parsePorts } from './ports.ts'
import type { Pattern, Selector } from './selector.ts'

class GlobSchema extends Schema<RegExp> {
  protected convert(node: Expanded, reader: Reader): RegExp | Invalid {
    const text = textOf(node)
    if (text === undefined || text === '') {
      return reader.error(`expected a glob like "*/nginx", got ${show(node)}`)
    }
    const glob = compileGlob(text)
    if (glob instanceof RegExp) return glob
    return reader.error(
      `expected a glob, got ${show(node)}: ${glob.message} at character ${glob.at + 1}`,
    )
  }

  protected shape(): JsonSchema {
    return { type: 'string', format: 'glob' }
  }
}

class ExpressionSchema extends Schema<Pattern> {
  protected convert(node: Expanded, reader: Reader): Pattern | Invalid {
    const text = textOf(node)
    if (text === undefined || text === '') {
      return reader.error(`expected a regular expression, got ${show(node)}`)
    }
    try {
      return compileExpression(text)
    } catch (error) {
      const reason = messageOf(error)
      return reader.error(`expected a regular expression, got ${show(node)}: ${reason}`)
    }
  }

  protected shape(): JsonSchema {
    return { type: 'string', format: 'regex' }
  }
}

class PortsSchema extends Schema<Ports> {
  protected convert(node: Expanded, reader: Reader): Ports | Invalid {
    const text = typeof node.value === 'number' ? String(node.value) : textOf(node)
    const ports = parsePorts(text ?? '')
    if (typeof ports !== 'string') return ports
    return reader.error(`expected ports like "80,8000-8999", got ${show(node)}: ${ports}`)
  }

  protected shape(): JsonSchema {
    return { anyOf: [{ type: 'integer' }, { type: 'string' }] }
  }
}

const glob = (what: string) => new GlobSchema().describe(`${what}, a glob.`).optional()

/** What is known of its pod; `how` names the form of a pattern. */
const podCriteria = <T>(
  one: (what: string) => Schema<T | undefined>,
  each: Schema<T>,
  how: string,
) => ({
  k8s_namespace: one('Namespace of its pod'),
  k8s_pod_name: one('Name of its pod'),
  k8s_container_name: one("Name of its container in the pod's specification"),
  k8s_owner_name: one('Name of what stands above its pod: the deployment, not its replica set'),
  k8s_deployment_name: one('Name of the deployment of its pod'),
  k8s_replicaset_name: one('Name of the replica set of its pod'),
  k8s_statefulset_name: one('Name of the stateful set of its pod'),
  k8s_daemonset_name: one('Name of the daemon set of its pod'),
  k8s_job_name: one('Name of the job of its pod'),
  k8s_cronjob_name: one('Name of the cron job of its pod'),
  k8s_pod_labels: map(each).describe(`Labels of its pod, each by ${how}; all must match.`),
  k8s_pod_annotations: map(each).describe(
    `Annotations of its pod, each by ${how}; all must match.`,
  ),
})

export const portsField = () =>
  new PortsSchema()
    .describe('TCP ports it listens on: `80`, or a list with ranges, `80,8000-8999`.')
    .optional()

const criteria = {
  open_ports: portsField(),
  exe_path: new GlobSchema()
    .describe('Path of its executable, a glob whose `*` matches slashes too.')
    .optional(),
  cmd_args: new GlobSchema()
    .describe("Its arguments joined by spaces, with or without the program's name, a glob.")
    .optional(),
  languages: new GlobSchema()
    .describe(
      'A glob of go, java, dotnet, python, nodejs, deno, ruby, rust, php, erlang, cpp, generic: `{go,java}`.',
    )
    .optional(),
  target_pids: list(int().min(1))
    .describe('Process ids, as the host numbers them; empty for any.')
    .optional(),
  containers_only: bool().default(false).describe('Only what runs in a container.'),
  container_name: glob('Name of its container, as Docker, Podman or the kubelet has it'),
  ...podCriteria(glob, new GlobSchema(), 'a glob'),
}

const expression = (what: string) =>
  new ExpressionSchema().describe(`${what}, a regular expression that is found in it.`).optional()

/** What an entry of `services` or `exclude_services` selects by: the same by OBI's older names, found anywhere in a text. */
export const serviceFields = object({
  open_ports: portsField(),
  exe_path: expression('Path of its executable'),
  exe_path_regexp: expression('The same, by an older name'),
  languages: expression('Its language'),
  containers_only: bool().default(false).describe('Only what runs in a container.'),
  ...podCriteria(expression, new ExpressionSchema(), 'a regular expression'),
})

/** What an entry of `instrument` or `exclude_instrument` selects by. */
export const selectorFields = object(criteria)

type Patterns<T> = {
  readonly [K in keyof T]: T[K] extends RegExp | undefined
    ? Pattern | undefined
    : T[K] extends ReadonlyMap<string, RegExp>
      ? ReadonlyMap<string, Pattern>
      : T[K]
}

/** Of an entry of either form. */
export type Criteria = Partial<Patterns<Infer<typeof selectorFields>>>

/** An older name means the newer one. */
export const criteriaOf = ({
  exe_path_regexp,
  ...entry
}: Infer<typeof serviceFields>): Criteria => ({
  ...entry,
  exe_path: entry.exe_path ?? exe_path_regexp,
})

/** The criteria of an entry, for Selection. */
export const selectorOf = (entry: Criteria): Selector => ({
  ...(entry.open_ports && { openPorts: entry.open_ports }),
  ...(entry.exe_path && { exePath: entry.exe_path }),
  ...(entry.cmd_args && { cmdArgs: entry.cmd_args }),
  ...(entry.languages && { languages: entry.languages }),
  ...(entry.target_pids && entry.target_pids.length > 0 && { targetPids: entry.target_pids }),
  ...(entry.containers_only && { containersOnly: true }),
  ...namesOf(entry),
})

const namesOf = (entry: Criteria): Selector => ({
  ...(entry.container_name && { containerName: entry.container_name }),
  ...(entry.k8s_container_name && { k8sContainerName: entry.k8s_container_name }),
  ...(entry.k8s_pod_name && { podName: entry.k8s_pod_name }),
  ...(entry.k8s_namespace && { podNamespace: entry.k8s_namespace }),
  ...(entry.k8s_owner_name && { podOwner: entry.k8s_owner_name }),
  ...ownersOf(entry),
  ...(entry.k8s_pod_labels && entry.k8s_pod_labels.size > 0 && { podLabels: entry.k8s_pod_labels }),
  ...(entry.k8s_pod_annotations &&
    entry.k8s_pod_annotations.size > 0 && { podAnnotations: entry.k8s_pod_annotations }),
})

function ownersOf(entry: Criteria): Pick<Selector, 'podOwners'> {
  const named = OWNER_KINDS.flatMap((kind) => {
    const pattern = entry[`k8s_${kind}_name`]
    return pattern === undefined ? [] : [[kind, pattern] as const]
  })
  return named.length === 0 ? {} : { podOwners: new Map(named) }
}

/** Refuses an entry that would match everything. */
export const hasCriterion = (entry: Criteria): string | false =>
  Object.keys(selectorOf(entry)).length === 0 && 'an entry must name at least one criterion'
