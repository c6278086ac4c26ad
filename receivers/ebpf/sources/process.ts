import type { BpfObject } from '../../../native/bpf_object.ts'
import type { LoadedObject } from '../../../native/load.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
import type { Degradation, Source } from './source.ts'
import { HOOK_FAMILIES, type HookFamily, ownSections } from './tcp.ts'

/** Programs of bpf/process by what is lost without them. */
const FEATURES: Readonly<Record<string, string>> = {
  'tp_btf/sched_process_exec': 'names of processes that start',
  'tp_btf/sched_process_fork': 'names of processes that are forked',
  'tp_btf/sched_process_exit':
    'room in the table of processes: what has ended stays until it is full',
}

/**
 * Records of exec, fork, exit, and of files mapped executable, the last one by the best hook that attaches. Its object is the
 * first: the others take over its maps.
 */
export class ProcessSource implements Source {
  readonly name = 'process'
  readonly #load: () => LoadedObject
  readonly #families: readonly HookFamily[]
  readonly #degraded: Degradation[] = []
  #object: BpfObject | undefined

  constructor(load: () => LoadedObject, hooks: HookFamily | 'auto') {
    this.#load = load
    this.#families = hooks === 'auto' ? HOOK_FAMILIES : [hooks]
  }

  start(): void {
    const { object, failed } = this.#load()
    this.#object = object
    for (const { name, section } of object.programs()) {
      const feature = FEATURES[section]
      if (feature === undefined) continue
      const failure = failed.find(({ program }) => program === name)
      try {
        if (failure !== undefined) throw failure.error
        object.attach(name)
      } catch (error) {
        this.#lose(feature, messageOf(error))
      }
    }
    this.#attachMapping(object)
  }

  degraded(): readonly Degradation[] {
    return this.#degraded
  }

  stop(): void {
    this.#object?.close()
    this.#object = undefined
  }

  #attachMapping(object: BpfObject): void {
    const refusals: string[] = []
    for (const family of this.#families) {
      const program = object.programs().find(({ section }) => ownSections(family).test(section))
      if (program === undefined) continue
      try {
        object.attach(program.name)
        return
      } catch (error) {
        refusals.push(`${program.section}: ${messageOf(error)}`)
      }
    }
    this.#lose('TLS libraries that are loaded after their process has started', refusals.join('; '))
  }

  #lose(feature: string, cause: string): void {
    const fix = 'weir goes on: a process is read from /proc when it first moves bytes'
    this.#degraded.push({ feature, cause, fix })
  }
}
