import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.ts'

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

/** Debian's, at a port that is free, unless told. */
export interface Server {
  readonly binary?: string
  readonly port?: number
}

/** A Prometheus of the test's own that scrapes `port`, with further lines in the scrape's configuration and further arguments. */
export async function startPrometheus(
  port: number,
  scrape = '',
  more: readonly string[] = [],
  server: Server = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-prometheus-'))
  const own = server.port ?? (await freePort())
  const config = join(folder, 'prometheus.yml')
  const targets = `static_configs: [{targets: ['127.0.0.1:${port}']}]`
  writeFileSync(
    config,
    `global: {scrape_interval: 200ms}\nscrape_configs: [{job_name: weir, ${scrape}${targets}}]\n`,
  )
  const child = spawn(
    server.binary ?? 'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${own}`,
      '--log.level=error',
      ...more,
    ],
    { stdio: 'ignore' },
  )
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${own}/api/v1/${path}`).then(
      // While it starts, it answers 503 in plain words.
      (response) => (response.ok ? (response.json() as Promise<{ data?: unknown }>) : undefined),
      () => undefined, // it does not listen yet
    )
    return answer?.data
  }
  return {
    url: `http://127.0.0.1:${own}`,
    /** What the API gives, asked until `isThere`. */
    async until<T>(path: string, isThere: (data: T) => boolean): Promise<T> {
      for (;;) {
        const data = (await ask(path)) as T | undefined
        if (data !== undefined && isThere(data)) return data
        await sleep(100) // only another scrape can change the answer
      }
    },
    /** Series that an expression gives, asked until there are some. */
    async query(expression: string): Promise<readonly Series[]> {
      const path = `query?query=${encodeURIComponent(expression)}`
      const data = await this.until<{ readonly result: readonly Series[] }>(
        path,
        ({ result }) => result.length > 0,
      )
      return data.result
    },
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}
