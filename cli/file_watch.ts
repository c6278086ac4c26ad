import { statSync } from 'node:fs'

/** How often files are looked at; a stat also sees the swapped links of a Kubernetes ConfigMap. */
const INTERVAL_MS = 2000

/** Tells when one of some files is no longer what it was when the watch was made. */
export class FileWatch {
  readonly #stamps: Map<string, string>
  #timer: NodeJS.Timeout | undefined

  constructor(files: readonly string[]) {
    this.#stamps = new Map(files.map((file) => [file, stampOf(file)]))
  }

  start(changed: () => void): void {
    if (this.#stamps.size === 0) return
    this.#timer = setInterval(() => this.#look(changed), INTERVAL_MS)
    this.#look(changed)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(changed: () => void): void {
    const moved = [...this.#stamps].filter(([file, stamp]) => stampOf(file) !== stamp)
    for (const [file] of moved) this.#stamps.set(file, stampOf(file))
    if (moved.length > 0) changed()
  }
}

/** A file that is not there has one too. */
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
}

/** The files among `--config` values; other sources tell nobody that they changed. */
export const filesOf = (uris: readonly string[]): readonly string[] =>
  uris.filter((uri) => !/^(env|yaml|https?):/.test(uri)).map((uri) => uri.replace(/^file:/, ''))
