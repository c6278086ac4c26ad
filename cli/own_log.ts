import { once } from 'node:events'
import { appendFile, createWriteStream, type WriteStream } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { TelemetryConfig } from '../config/service.ts'
import type { Logger } from '../pipeline/component.ts'
import type { Counters } from '../pipeline/telemetry/counters.ts'
import { createLogger, describe, type Entry } from '../pipeline/telemetry/logger.ts'
import { ownResource } from '../pipeline/telemetry/resource.ts'
import { Sampler } from '../pipeline/telemetry/sampler.ts'
import { version } from './version.ts'

type Config = Pick<TelemetryConfig, 'logs' | 'resource'>

const STREAMS = { stdout: process.stdout, stderr: process.stderr } as const

/** weir's own log: the same logger for as long as the process lives, whatever a reload makes of it. */
export class OwnLog {
  readonly #counters: Counters
  #config: Config | undefined
  #files: WriteStream[] = []
  #logger: Logger | undefined
  /** Takes what is written, for another way out. */
  tee: ((entry: Entry) => void) | undefined

  constructor(counters: Counters) {
    this.#counters = counters
  }

  readonly log: Logger = {
    debug: (...line) => this.#logger?.debug(...line),
    info: (...line) => this.#logger?.info(...line),
    warn: (...line) => this.#logger?.warn(...line),
    error: (...line) => this.#logger?.error(...line),
  }

  /** Writes as it is configured from now on. Rejects with the name of a file that cannot be opened; then nothing has changed. */
  async use({ logs, resource }: Config): Promise<void> {
    const config = { logs, resource }
    if (isDeepStrictEqual(config, this.#config)) return
    const files = await Promise.all(logs.output_paths.filter(isFile).map(openFile))
    const before = this.#files
    this.#files = files
    this.#config = config
    this.#logger = this.#loggerOf(config)
    for (const file of before) file.end()
  }

  #loggerOf({ logs, resource }: Config): Logger {
    const sampler = logs.sampling && new Sampler(logs.sampling, () => performance.now())
    const drops = (level: string, message: string): boolean => {
      const dropped = sampler?.drops(level, message) === true
      if (dropped) this.#counters.add('weir_log_dropped_lines', {}, 1)
      return dropped
    }
    for (const file of this.#files) {
      file.on('error', (error) => complain(logs.error_output_paths, error))
    }
    const standard = logs.output_paths.filter((path) => path in STREAMS)
    const outputs = [...standard.map((path) => STREAMS[path as 'stdout']), ...this.#files]
    const own = logs.disable_zap_resource ? {} : { resource: ownResource(version(), resource) }
    return createLogger({
      level: logs.level,
      encoding: logs.encoding,
      write: (line) => {
        for (const output of outputs) output.write(line)
      },
      date: () => new Date(),
      fields: { ...own, ...Object.fromEntries(logs.initial_fields) },
      drops,
      tee: (entry) => this.tee?.(entry),
      ...(!logs.disable_caller && { callerVersion: version() }),
      ...(!logs.disable_stacktrace && { stacks: logs.development ? 'all' : 'bugs' }),
    })
  }
}

const isFile = (path: string): boolean => !(path in STREAMS)

async function openFile(path: string): Promise<WriteStream> {
  const stream = createWriteStream(pathOf(path), { flags: 'a' })
  try {
    await once(stream, 'open')
  } catch (cause) {
    throw new Error(`open log file "${path}": ${describe(cause)}`, { cause })
  }
  return stream
}

/** A log that cannot be written has one place left to say so. */
function complain(paths: readonly string[], error: Error): void {
  const line = `${new Date().toISOString()} write error: ${error.message}\n`
  for (const path of paths) {
    if (!isFile(path)) STREAMS[path as keyof typeof STREAMS].write(line)
    else appendFile(pathOf(path), line, () => undefined) // and if that fails too, none
  }
}

const pathOf = (path: string): string => path.replace(/^file:\/\//, '')
