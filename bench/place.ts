import { execFileSync } from 'node:child_process'
import { runInGuest } from '../test/guest/guest.ts'

/** Where a bench is played: on this machine, or in one boot of an emulated one. */
export interface Place {
  readonly host: boolean
  readonly kernel: string
  readonly icount?: boolean
}

const TIMEOUT_MS = 3_600_000
/** What the last line begins with. */
const RESULT = '{"samples"'

/** Plays a script of bench/, whose last line is its result in JSON. What it prints on stderr, how far it is, goes there. */
export async function playThere<Result>(
  script: string,
  args: readonly string[],
  { host, kernel, icount = false }: Place,
): Promise<Result> {
  const command = [process.execPath, script, ...args]
  const output = host
    ? execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    : await playInGuest(command, kernel, icount)
  const line = output.split('\n').find((text) => text.startsWith(RESULT))
  if (!line) throw new Error(`the bench printed no result:\n${output}`)
  return JSON.parse(line) as Result
}

async function playInGuest(
  command: readonly string[],
  kernel: string,
  icount: boolean,
): Promise<string> {
  const words = command.map((word) => `'${word}'`)
  let ended = false
  const { output, exitCode } = await runInGuest({
    kernel,
    command: words.join(' '),
    icount,
    timeoutMs: TIMEOUT_MS,
    onOutput: (text) => {
      ended ||= text.includes(RESULT)
      if (!ended) process.stderr.write(text)
    },
  })
  if (exitCode !== 0) throw new Error(`the bench ended with ${exitCode}:\n${output}`)
  return output
}
