import { emitKeypressEvents, type Key } from 'node:readline'
import type { Size } from './page.ts'

const ENTER = '\x1b[?1049h\x1b[?25l' // the other screen, no cursor
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const REST_OF_LINE = '\x1b[K'
const REST_OF_SCREEN = '\x1b[J'
/** Of a terminal that does not tell. */
const USUAL: Size = { columns: 80, rows: 24 }

/** The terminal, as long as a program fills it. It is given back by `close`. */
export class Screen {
  /** Gets names as `up`, `s`, `ctrl+c`. */
  readonly #onKey: (key: string) => void
  readonly hasKeys = process.stdin.isTTY === true

  constructor(onKey: (key: string) => void, onResize: () => void) {
    this.#onKey = onKey
    process.stdout.write(ENTER)
    process.stdout.on('resize', onResize)
    if (!this.hasKeys) return
    emitKeypressEvents(process.stdin)
    process.stdin.setRawMode(true).on('keypress', this.#read)
  }

  get size(): Size {
    const { columns, rows } = process.stdout
    return { columns: columns || USUAL.columns, rows: rows || USUAL.rows }
  }

  draw(lines: readonly string[]): void {
    process.stdout.write(
      `${HOME}${lines.join(`${REST_OF_LINE}\r\n`)}${REST_OF_LINE}${REST_OF_SCREEN}`,
    )
  }

  close(): void {
    if (this.hasKeys) process.stdin.setRawMode(false).off('keypress', this.#read).pause()
    process.stdout.write(LEAVE)
  }

  readonly #read = (_text: string, { name = '', ctrl = false }: Key) => {
    this.#onKey(ctrl ? `ctrl+${name}` : name)
  }
}
