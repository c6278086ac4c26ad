import type { BpfObject } from '../../../native/bpf_object.ts'
import type { LoadedObject } from '../../../native/load.ts'
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
export function createProcessSource(load: () => LoadedObject, hooks: HookFamily | 'auto'): Source {
  const degraded: Degradation[] = []
  let loaded: LoadedObject | undefined

  const lost = (feature: string, cause: string) =>
    degraded.push({
      feature,
      cause,
      fix: 'weir goes on: a process is read from /proc when it first moves bytes',
    })

  const attachMapping = (object: BpfObject): void => {
    const refusals: string[] = []
    for (const family of hooks === 'auto' ? HOOK_FAMILIES : [hooks]) {
      const program = object.programs().find(({ section }) => ownSections(family).test(section))
      if (program === undefined) continue
      try {
        object.attach(program.name)
        return
      } catch (error) {
        refusals.push(`${program.section}: ${messageOf(error)}`)
      }
    }
    lost('TLS libraries that are loaded after their process has started', refusals.join('; '))
  }

  return {
    name: 'process',
    start() {
      loaded = load()
      const { object, failed } = loaded
      for (const { name, section } of object.programs()) {
        const feature = FEATURES[section]
        if (feature === undefined) continue
        const failure = failed.find((one) => one.program === name)
        try {
          if (failure !== undefined) throw failure.error
          object.attach(name)
        } catch (error) {
          lost(feature, messageOf(error))
        }
      }
      attachMapping(object)
    },
    degraded: () => degraded,
    stop() {
      loaded?.object.close()
      loaded = undefined
    },
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
