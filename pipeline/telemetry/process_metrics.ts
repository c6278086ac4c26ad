import { getHeapStatistics } from 'node:v8'
import type { Counters } from './counters.ts'

const US_PER_S = 1e6

/** What the process itself says of its time and memory, under the Collector's names. */
export function countProcess(counters: Counters): void {
  const show = (name: string, read: () => number) =>
    counters.gauge(`otelcol_process_${name}`, {}, read)
  show('uptime', () => process.uptime())
  show('cpu_seconds', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / US_PER_S
  })
  show('memory_rss', () => process.memoryUsage.rss())
  show('runtime_heap_alloc_bytes', () => getHeapStatistics().used_heap_size)
  show('runtime_total_sys_memory_bytes', () => {
    const { total_heap_size, external_memory } = getHeapStatistics()
    return total_heap_size + external_memory
  })
  if (allocatedBytes() !== undefined) show('runtime_total_alloc_bytes', () => allocatedBytes() ?? 0)
}

/** Node 22 does not know. */
function allocatedBytes(): number | undefined {
  const statistics: { readonly total_allocated_bytes?: number } = getHeapStatistics()
  return statistics.total_allocated_bytes
}
