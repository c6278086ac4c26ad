import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { slowness } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { listening, startProgram, PROGRAMS as TRUTH } from '../truth/programs.ts'
import type { CoverageRow, Stage } from './row.ts'
import { isRead } from './told.ts'

const run = promisify(execFile)

const TIMEOUT_MS = 60_000 * slowness

/** Sources, which are not compiled. */
export const PROGRAMS = fileURLToPath(new URL('../../../test/coverage/programs/', import.meta.url))
export const TRUTH_PROGRAMS = TRUTH

/** A server that says when it is ready: see programs/README.md. */
export const program =
  (encrypted: boolean, ...command: readonly string[]): NonNullable<CoverageRow['serve']> =>
  ({ folder, certificate }, launcher) =>
    startProgram([...launcher, ...command], folder, encrypted ? certificate : undefined)

/** Starts what says nothing: it is ready once it listens on `port`. */
export async function startQuiet(command: readonly string[], port: number, cwd: string) {
  const [file = '', ...args] = command
  const child = spawn(file, args, { stdio: 'ignore', cwd })
  const exited = once(child, 'exit')
  await listening(port, child)
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** One that says nothing. `command` is made for a port. */
export const quietProgram =
  (command: (port: number, stage: Stage) => readonly string[]): NonNullable<CoverageRow['serve']> =>
  async (stage, launcher) => {
    const port = await freePort()
    return startQuiet([...launcher, ...command(port, stage)], port, stage.folder)
  }

/** A client that is called with a base and paths: see programs/README.md. */
export const client =
  (...command: readonly string[]): NonNullable<CoverageRow['ask']> =>
  async ({ folder }, launcher, base, paths) => {
    const [file = '', ...args] = [...launcher, ...command, base, ...paths]
    const ended = run(file, args, { cwd: folder, timeout: TIMEOUT_MS })
    ended.child.stdin?.end()
    await ended
  }

/** One that waits for the end of its input: weir has looked into its file by then. */
export const waitingClient =
  (path: string): NonNullable<CoverageRow['ask']> =>
  async ({ folder, told }, launcher, base, paths) => {
    const [file = '', ...args] = [...launcher, path, base, ...paths]
    const child = spawn(file, args, { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'] })
    const ended = once(child, 'exit')
    try {
      await told(isRead)
      child.stdin.end()
    } catch (error) {
      child.kill()
      throw error
    }
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(`${path} ended with ${code}`)
  }

/** One whose arguments are made of URLs. `failing`: ends with an error where the answer does not please it. */
export const urlClient =
  (
    command: (urls: readonly string[], stage: Stage) => readonly string[],
    failing = false,
  ): NonNullable<CoverageRow['ask']> =>
  async (stage, launcher, base, paths) => {
    const urls = paths.map((path) => base + path)
    const [file = '', ...args] = [...launcher, ...command(urls, stage)]
    const ended = run(file, args, { cwd: stage.folder, timeout: TIMEOUT_MS })
    await (failing ? ended.catch(() => undefined) : ended)
  }

/** What a command prints of its version, by the first group of `pattern`. */
export const versionOf =
  (pattern: RegExp, ...command: readonly string[]) =>
  async (): Promise<string> => {
    const [file = '', ...args] = command
    const { stdout, stderr } = await run(file, args)
    const found = pattern.exec(stdout + stderr)?.[1]
    if (found === undefined) throw new Error(`${command.join(' ')} says no version: ${stdout}`)
    return found
  }
