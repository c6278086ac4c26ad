import type { HeapProfiler, Profiler, Runtime, Session } from 'node:inspector/promises'
import type { Frame, Measured, Sample } from './encode.ts'

const INTERVAL_US = 10_000 // as Go's: 100 samples in a second
const HEAP_BYTES = 64 << 10
const NS_PER_US = 1000

async function inspect<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    return await use(session)
  } finally {
    session.disconnect()
  }
}

const frameOf = ({ functionName, url, lineNumber }: Runtime.CallFrame): Frame => ({
  functionName: functionName || '(anonymous)',
  file: url.replace(/^file:\/\//, ''),
  line: lineNumber + 1,
})

/** Where the processor's time goes, until `wait` is over. */
export const cpuProfile = (wait: () => Promise<void>): Promise<Measured> =>
  inspect(async (session) => {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
    const startMs = Date.now()
    await session.post('Profiler.start')
    await wait()
    const { profile } = await session.post('Profiler.stop')
    return {
      types: [
        ['samples', 'count'],
        ['cpu', 'nanoseconds'],
      ],
      period: INTERVAL_US * NS_PER_US,
      startMs,
      durationMs: (profile.endTime - profile.startTime) / 1000,
      samples: samplesOf(profile),
    }
  })

/** Time in which nothing ran is no time of the processor. */
const IDLE = new Set(['(idle)', '(root)'])

function samplesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Sample[] {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  )
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const totals = new Map<number, [count: number, ns: number]>()
  for (const [i, id] of samples.entries()) {
    const [count, ns] = totals.get(id) ?? [0, 0]
    totals.set(id, [count + 1, ns + Math.max(0, timeDeltas[i] ?? 0) * NS_PER_US])
  }
  return [...totals].flatMap(([id, values]) => {
    const stack: Frame[] = []
    for (let node = byId.get(id); node !== undefined; node = byId.get(parents.get(node.id) ?? -1)) {
      if (node.callFrame.functionName !== '(root)') stack.push(frameOf(node.callFrame))
    }
    return IDLE.has(byId.get(id)?.callFrame.functionName ?? '') ? [] : [{ stack, values }]
  })
}

/** What was allocated until `wait` is over, and is still in use. */
export const heapProfile = (wait: () => Promise<void>): Promise<Measured> =>
  inspect(async (session) => {
    const startMs = Date.now()
    await session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_BYTES })
    await wait()
    const { profile } = await session.post('HeapProfiler.stopSampling')
    return {
      types: [['inuse_space', 'bytes']],
      period: HEAP_BYTES,
      startMs,
      durationMs: Date.now() - startMs,
      samples: allocationsOf(profile.head, []),
    }
  })

function allocationsOf(
  { callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode,
  callers: readonly Frame[],
): Sample[] {
  const stack = callFrame.functionName === '(root)' ? callers : [frameOf(callFrame), ...callers]
  const own = selfSize > 0 && stack.length > 0 ? [{ stack, values: [selfSize] }] : []
  return [...own, ...children.flatMap((child) => allocationsOf(child, stack))]
}
