/** Plays `npm run bench:idle` where it is: `idle_round.js SECONDS CROWD` prints a line of JSON. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  anotherCrowd,
  buildCrowd,
  type Sleepers,
  startMany,
  startSleepers,
} from '../test/scale/crowd.ts'
import { type Watcher, watchFolder } from '../test/scale/watched_crowd.ts'
import { type Crowded, lineOf } from './idle_table.ts'
import { memoryOf, threadsCpuUs } from './measure.ts'
import { startSink } from './sink.ts'

const PROGRAMS = 50
const OF_EACH = 10
const STARTS_PER_SECOND = 500
const STARTS_SECONDS = 10
/** By then it has given back what only the start needs, and V8 has collected that. */
const SETTLED_MS = 30_000

const [seconds = 60, crowd = 5000] = process.argv.slice(2).map(Number)

async function whenKnown(watcher: Watcher, pid: number): Promise<void> {
  while ((await watcher.explain(String(pid))).processes.length === 0) await pause(100)
}

async function play(folder: string, endpoint: string): Promise<readonly Crowded[]> {
  const program = buildCrowd(folder)
  const sleepers: Sleepers[] = []
  for (let i = 0; i < PROGRAMS; i++) {
    sleepers.push(await startSleepers(anotherCrowd(program, i), OF_EACH - 1))
  }
  const watcher = await watchFolder(folder, endpoint)
  const samples: Crowded[] = []
  const cpu = () => threadsCpuUs(watcher.pid) / 1e6
  /** Shown at once, too: a guest takes long from one to the next. */
  const add = (what: string, cpuSeconds: number, length?: number, rss?: number) => {
    const rssMiB = rss ?? memoryOf(watcher.pid).rssMiB
    const sample = { what, core: length && cpuSeconds / length, cpuSeconds, rssMiB }
    console.error(lineOf(sample))
    samples.push(sample)
  }

  add('the start, and its peak', cpu(), undefined, memoryOf(watcher.pid).peakMiB)
  await pause(SETTLED_MS)
  let before = cpu()
  await pause(1000 * seconds)
  add(`${PROGRAMS * OF_EACH} idle processes of ${PROGRAMS} programs`, cpu() - before, seconds)

  before = cpu()
  const more = await startSleepers(program, crowd)
  await whenKnown(watcher, more.last)
  add(`${crowd} more`, cpu() - before)

  before = cpu()
  startMany(program, STARTS_PER_SECOND * STARTS_SECONDS, STARTS_PER_SECOND)
  add(`${STARTS_PER_SECOND} starts a second`, cpu() - before, STARTS_SECONDS)

  for (const one of [more, ...sleepers]) await one.end()
  await watcher.agent.stop()
  return samples
}

const folder = mkdtempSync(join(tmpdir(), 'weir-idle-'))
const sink = await startSink(folder)
try {
  console.log(JSON.stringify({ samples: await play(folder, sink.endpoint) }))
} finally {
  await sink.close()
  rmSync(folder, { recursive: true })
}
