import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context, Extension } from '../../pipeline/component.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import { NOT_FOUND, type Page, site } from '../../pipeline/net/site.ts'
import { describe } from '../../pipeline/telemetry/logger.ts'
import type { PprofConfig } from './config.ts'
import { encodeProfile, type Measured } from './encode.ts'
import { cpuProfile, heapProfile } from './profiler.ts'

const compressed = promisify(gzip)
const CPU_SECONDS = 30
const HEAP_SECONDS = 10
const MAX_SECONDS = 600

const INDEX = `<!doctype html><meta charset="utf-8"><title>pprof of weir</title>
<h1>/debug/pprof/</h1><ul>
<li><a href="profile?seconds=10">profile</a>: the processor's time, 30 s or <code>?seconds=</code></li>
<li><a href="heap?seconds=10">heap</a>: what is allocated in 10 s or <code>?seconds=</code>, and still in use</li>
<li><a href="cmdline">cmdline</a></li></ul>
<p>Open with <code>go tool pprof http://HOST:PORT/debug/pprof/profile</code>. Goroutines, blocks and mutexes: weir has none.</p>
`

/** Profiles of weir itself, as \`go tool pprof\` reads them. */
export class Pprof implements Extension {
  readonly #ctx: Context
  readonly #config: PprofConfig
  readonly #end = new AbortController()
  #server: HttpServer | undefined
  #whole: Promise<void> | undefined

  constructor(ctx: Context, config: PprofConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  async start(): Promise<void> {
    const { endpoint, save_to_file, block_profile_fraction, mutex_profile_fraction } = this.#config
    if (block_profile_fraction !== 0 || mutex_profile_fraction !== 0) {
      this.#ctx.log.warn(
        'block_profile_fraction and mutex_profile_fraction change nothing: weir has no goroutines',
      )
    }
    this.#server = site(endpoint, this.#ctx.log, (path, query) => this.#show(path, query))
    await this.#server.listen()
    this.#ctx.log.info('Starting net/http/pprof server', { endpoint })
    if (save_to_file !== '') this.#whole = this.#save(save_to_file)
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#end.abort()
    await this.#whole
    await this.#server?.close(deadline)
    this.#server = undefined
  }

  /** One profile from the start to the end. */
  async #save(file: string): Promise<void> {
    const { signal } = this.#end
    const ended = () =>
      new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    try {
      await writeFile(file, await compressed(encodeProfile(await cpuProfile(ended))))
    } catch (error) {
      this.#ctx.log.error('the profile cannot be saved', { file, error: describe(error) })
    }
  }

  #show(path: string, query: URLSearchParams): Page | Promise<Page> {
    const seconds = (usual: number) =>
      Math.min(MAX_SECONDS, Number(query.get('seconds') ?? usual) || usual)
    switch (path) {
      case '/debug/pprof':
      case '/debug/pprof/':
        return { code: 200, type: 'text/html', body: INDEX }
      case '/debug/pprof/cmdline':
        return { code: 200, type: 'text/plain', body: process.argv.join('\0') }
      case '/debug/pprof/profile':
        return this.#profile(cpuProfile, seconds(CPU_SECONDS))
      case '/debug/pprof/heap':
      case '/debug/pprof/allocs':
        return this.#profile(heapProfile, seconds(HEAP_SECONDS))
      default:
        return NOT_FOUND
    }
  }

  async #profile(
    measure: (wait: () => Promise<void>) => Promise<Measured>,
    seconds: number,
  ): Promise<Page> {
    const { signal } = this.#end
    const wait = () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000)
        const cut = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', cut, { once: true })
      })
    const body = await compressed(encodeProfile(await measure(wait)))
    return { code: 200, type: 'application/octet-stream', body }
  }
}
