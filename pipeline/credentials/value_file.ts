import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Logger } from '../component.ts'

const WATCH_MS = 1000

/** The content of a file, read anew within a second when it changes. What cannot be read leaves the last content in place. */
export class ValueFile {
  readonly #file: string
  readonly #log: Logger
  #text = ''

  constructor(file: string, log: Logger) {
    this.#file = file
    this.#log = log
  }

  get text(): string {
    return this.#text
  }

  /** Rejects if the file cannot be read. */
  async open(): Promise<void> {
    this.#text = await readFile(this.#file, 'utf8')
    watchFile(this.#file, { interval: WATCH_MS, persistent: false }, this.#onChange)
  }

  close(): void {
    unwatchFile(this.#file, this.#onChange)
  }

  readonly #onChange = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) void this.refresh()
  }

  async refresh(): Promise<void> {
    try {
      this.#text = await readFile(this.#file, 'utf8')
    } catch (error) {
      this.#log.warn('a file of credentials cannot be read again; the last content stays', {
        file: this.#file,
        error,
      })
    }
  }
}
