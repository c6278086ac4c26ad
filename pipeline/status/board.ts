import type { Instance, LifecycleStatus, RunningConfig } from '../component.ts'
import {
  type AggregateStatus,
  aggregate,
  type ErrorPriority,
  type StatusEvent,
} from './aggregate.ts'

const SINGLE: ReadonlyMap<string, AggregateStatus> = new Map()

/** The last status of every component, by pipeline. */
export class StatusBoard {
  readonly #now: () => number
  readonly #events = new Map<string, { readonly instance: Instance; readonly event: StatusEvent }>()
  #pipelines: RunningConfig['pipelines'] = new Map()
  #extensions: readonly string[] = []

  /** `now` in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now
  }

  setConfig({ pipelines, service }: RunningConfig): void {
    this.#pipelines = pipelines
    this.#extensions = service.extensions
  }

  /** An error that is told again keeps its time: that is when it began. */
  set(instance: Instance, status: LifecycleStatus): void {
    const key = keyOf(instance)
    const before = this.#events.get(key)?.event
    const at = before?.kind === status.kind ? before.at : this.#now()
    const error = 'error' in status ? { error: status.error.message } : {}
    const { kind, id, signal, makes, pipeline } = instance
    const copy: Instance = {
      kind,
      id,
      ...(signal && { signal }),
      ...(makes && { makes }),
      ...(pipeline && { pipeline }),
    }
    this.#events.set(key, { instance: copy, event: { kind: status.kind, at, ...error } })
  }

  /** Of everything. */
  whole(priority: ErrorPriority): AggregateStatus {
    const parts = new Map<string, AggregateStatus>()
    const extensions = this.#partsOf(
      ({ kind, id }) => kind === 'extension' && this.#extensions.includes(id),
    )
    if (extensions.size > 0) parts.set('extensions', aggregate(extensions, priority))
    for (const id of [...this.#pipelines.keys()].sort()) {
      const pipeline = this.pipeline(id, priority)
      if (pipeline !== undefined) parts.set(`pipeline:${id}`, pipeline)
    }
    return aggregate(parts, priority)
  }

  /** Of one pipeline; undefined if there is none of that id. */
  pipeline(id: string, priority: ErrorPriority): AggregateStatus | undefined {
    const members = this.#pipelines.get(id)
    if (members === undefined) return undefined
    const signal = id.split('/', 1)[0]
    const parts = this.#partsOf((one) => {
      if (one.kind === 'processor') {
        return one.pipeline === id && members.processors.includes(one.id)
      }
      const enters = members.receivers.includes(one.id)
      const leaves = members.exporters.includes(one.id)
      if (one.kind === 'receiver') return enters && one.signal === signal
      if (one.kind === 'exporter') return leaves && one.signal === signal
      if (one.kind !== 'connector') return false
      return (leaves && one.signal === signal) || (enters && one.makes === signal)
    })
    return aggregate(parts, priority)
  }

  #partsOf(isPart: (instance: Instance) => boolean): ReadonlyMap<string, AggregateStatus> {
    const parts = [...this.#events.values()].filter(({ instance }) => isPart(instance))
    return new Map(
      parts
        .map(
          ({ instance: { kind, id }, event }) =>
            [`${kind}:${id}`, { ...event, parts: SINGLE }] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
}

const keyOf = ({ kind, id, signal, makes, pipeline }: Instance): string =>
  [kind, id, signal ?? '', makes ?? '', pipeline ?? ''].join(' ')
