import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A file of test/protocols/programs. */
export const program = (name: string): string => `${ROOT}test/protocols/programs/${name}`

/** What set-up has brought; it is brought now if that has not been done. */
const setUp = async () =>
  (await import(pathToFileURL(`${ROOT}scripts/setup/interop.mjs`).href)) as {
    bringClients: () => string
    bringGoClients: () => string
    bringGoHttp2: () => string
    bringGoLoad: () => string
    bringJava: () => string
    bringNats: () => string
  }

/** The folder with npm's clients. */
export const clientsFolder = async (): Promise<string> => (await setUp()).bringClients()

/** The program of test/protocols/go_http2. */
export const goProgram = async (): Promise<string> => (await setUp()).bringGoHttp2()

/** The program of test/protocols/go_nats. */
export const natsProgram = async (): Promise<string> => (await setUp()).bringNats()

/** The program of bench/grpc. */
export const goLoad = async (): Promise<string> => (await setUp()).bringGoLoad()

/** A command for a program of test/protocols/java, or of what it stands on, which takes little memory and starts fast. */
export async function java(name: string, heap: string): Promise<[command: string, args: string[]]> {
  const folder = (await setUp()).bringJava()
  const options = [`-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']
  return ['java', [...options, '-cp', `${folder}/classes:${folder}/lib/*`, name]]
}

/** A client of test/protocols/programs by npm's drivers. */
export const startNode = async (name: string, ...args: readonly string[]): Promise<Started> =>
  start(process.execPath, [program(name), await clientsFolder(), ...args], 'ready')

/** One by Debian's drivers for Python. */
export const startPython = (name: string, ...args: readonly string[]): Promise<Started> =>
  start('/usr/bin/python3', [program(name), ...args], 'ready')

/** One of test/protocols/go. */
export const startGo = async (...args: readonly string[]): Promise<Started> =>
  start((await setUp()).bringGoClients(), args, 'ready')

/** One of test/protocols/java. */
export async function startJava(name: string, ...args: readonly string[]): Promise<Started> {
  const [command, options] = await java(name, '64m')
  return start(command, [...options, ...args], 'ready')
}

/** Lets a client go that has connected and waits. */
export async function play(client: Started): Promise<void> {
  client.tell('go')
  await client.ended()
}

export interface Started {
  readonly process: ChildProcess
  /** A line to its standard input. */
  tell(line: string): void
  /** The same, and what it writes then up to `last`. */
  ask(line: string, last: string): Promise<string>
  /** Resolves when it has ended; rejects with what it wrote if that was not with 0. */
  ended(): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a program and resolves once it has written `ready`; rejects with what it wrote when it ends before. */
export async function start(
  command: string,
  args: readonly string[],
  ready: string,
  options: {
    readonly cwd?: string
    readonly uid?: number
    readonly gid?: number
    readonly env?: NodeJS.ProcessEnv
  } = {},
): Promise<Started> {
  const child = spawn(command, args, { stdio: 'pipe', ...options })
  let written = ''
  const exit = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    const onData = (data: Buffer) => {
      written += data.toString()
      if (written.includes(ready)) resolve()
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${written}`)))
  })
  return {
    process: child,
    tell: (line) => void child.stdin.write(`${line}\n`),
    ask: async (line, last) => {
      written = ''
      child.stdin.write(`${line}\n`)
      while (!written.includes(last)) await once(child.stdout, 'data')
      return written
    },
    ended: async () => {
      await exit
      if (child.exitCode !== 0)
        throw new Error(`${command} ended with ${child.exitCode}:\n${written}`)
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await exit
    },
  }
}
