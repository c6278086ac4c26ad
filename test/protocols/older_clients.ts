import type { SqlTruth } from './sql_truth.ts'
import { play, type Started } from './started.ts'

/** Clients of a database whose connections are older than weir: all of them connect, then it starts once. */
export class OlderClients {
  readonly #truth: SqlTruth
  readonly #prepared: string
  readonly #starts: (() => Promise<Started>)[] = []
  readonly #clients: Started[] = []
  #connections = 0

  /** `prepared`: the summary of what they have prepared when weir starts, and nothing else has. */
  constructor(truth: SqlTruth, prepared: string) {
    this.#truth = truth
    this.#prepared = prepared
  }

  /** A client that `watch` will start, with so many connections; returns its number. */
  add(start: () => Promise<Started>, connections = 1): number {
    this.#connections += connections
    return this.#starts.push(start) - 1
  }

  async watch(): Promise<void> {
    for (const start of this.#starts) this.#clients.push(await start())
    await this.#truth.watchAnew()
    await this.#truth.recognised(this.#clients, this.#connections)
  }

  /** Lets one go, and holds what it does against the server's count. */
  async compare(number: number): Promise<void> {
    const client = this.#clients[number]
    if (client === undefined) throw new Error(`no client has the number ${number}`)
    await this.#truth.compare(
      () => play(client),
      (summary) => (summary === this.#prepared ? '' : summary),
    )
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.stop('SIGKILL')
    await this.#truth.stop()
  }
}
