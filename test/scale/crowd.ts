import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../../test/scale/programs/crowd.c', import.meta.url))
const LIBRARIES = ['-l:libssl.so.3', '-l:libcrypto.so.3']
/** Bytes of the id that copies of the program are told apart by. */
const ID = 'ab'.repeat(20)

/** Builds crowd.c as `name` in the folder. */
export function buildCrowd(folder: string, name = 'crowd'): string {
  const path = join(folder, name)
  execFileSync('gcc', ['-O2', `-Wl,--build-id=0x${ID}`, '-o', path, SOURCE, ...LIBRARIES])
  return path
}

/** The same program under another name and with a build id of its own. */
export function anotherCrowd(crowd: string, number: number): string {
  const path = `${crowd}${number}`
  const bytes = readFileSync(crowd)
  bytes.writeUInt32LE(number, bytes.indexOf(Buffer.from(ID, 'hex')))
  copyFileSync(crowd, path)
  writeFileSync(path, bytes)
  return path
}

/** Processes that sleep until they are let go. */
export interface Sleepers {
  /** Of the one that was started last. */
  readonly last: number
  end(): Promise<void>
}

/** Of this program: `count` processes and the one that started them. */
export async function startSleepers(crowd: string, count: number): Promise<Sleepers> {
  const child = spawn(crowd, ['sleepers', String(count)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    last: Number(line),
    end: async () => {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** Starts /bin/true so often, at this rate, with these variables; the rate that came of it. */
export function startMany(
  crowd: string,
  count: number,
  perSecond: number,
  env: Readonly<Record<string, string>> = {},
): number {
  const { status, stdout, stderr } = spawnSync(
    crowd,
    ['starts', String(count), String(perSecond), '/bin/true'],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  )
  if (status !== 0) throw new Error(`${crowd} starts: ${status}: ${stderr}`)
  return (1000 * count) / Number(stdout)
}
