import fs from 'node:fs'

/** An open file that takes bytes; `write` may take less than all, and throws EAGAIN when it is full. */
export interface Sink {
  write(bytes: Uint8Array): number
  close(): void
}

export interface OutputOptions {
  readonly open: () => Sink
  /** Waits in memory for a slow reader, at most. */
  readonly maxBytes: number
  /** Texts that have gone out whole. */
  onWritten?(texts: number): void
  /** Texts that a slow reader cost, or one that is gone. */
  onDropped(texts: number): void
  /** The reader went away: nothing is written from now on. */
  onClosed(error: Error): void
}

const RETRY_MS = 20 // a terminal that is full is asked again after this

/**
 * Writes lines to a terminal, pipe or file without ever waiting for it: Node's own stdout blocks the
 * whole process when a pipe or a terminal is not read.
 */
export class Output {
  readonly #options: OutputOptions
  #sink: Sink | undefined
  #closed = false
  #texts: Buffer[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #onEmpty: (() => void) | undefined

  constructor(options: OutputOptions) {
    this.#options = options
  }

  open(): void {
    this.#sink ??= this.#options.open()
  }

  /** Writes what it can and keeps the rest; `text` ends with a line end. */
  write(text: string): void {
    const bytes = Buffer.from(text)
    if (this.#closed || this.#bytes + bytes.length > this.#options.maxBytes) {
      this.#options.onDropped(1)
      return
    }
    this.#texts.push(bytes)
    this.#bytes += bytes.length
    if (this.#timer === undefined) this.#pump()
  }

  /** Resolves when all is written, or at `deadline`. */
  async close(deadline: AbortSignal): Promise<void> {
    if (this.#bytes > 0 && !this.#closed && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    if (this.#texts.length > 0) this.#options.onDropped(this.#texts.length)
    this.#end()
  }

  #pump(): void {
    this.#timer = undefined
    try {
      while (this.#texts.length > 0) this.#writeSome()
    } catch (error) {
      this.#onError(error as NodeJS.ErrnoException)
    }
    if (this.#bytes === 0) this.#onEmpty?.()
  }

  #writeSome(): void {
    const all = Buffer.concat(this.#texts)
    const written = this.#sink?.write(all) ?? all.length
    this.#bytes -= written
    let left = written
    const first = this.#texts.findIndex((text) => {
      if (text.length > left) return true
      left -= text.length
      return false
    })
    const whole = first === -1 ? this.#texts.length : first
    this.#texts = this.#texts.slice(whole)
    const [cut] = this.#texts
    if (cut !== undefined) this.#texts[0] = cut.subarray(left)
    if (whole > 0) this.#options.onWritten?.(whole)
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (error.code === 'EAGAIN' || error.code === 'EINTR') {
      this.#timer = setTimeout(() => this.#pump(), RETRY_MS)
      return
    }
    this.#options.onDropped(this.#texts.length)
    this.#options.onClosed(error)
    this.#end()
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#closed = true
    this.#texts = []
    this.#bytes = 0
    this.#sink?.close()
    this.#sink = undefined
  }
}

const { O_WRONLY, O_APPEND, O_NONBLOCK, O_CREAT } = fs.constants

/** A second, non-blocking opening of standard output (1) or error (2): its flags are not shared with anybody. */
export function openOutput(descriptor: 1 | 2): Sink {
  const itself: Sink = {
    write: (bytes) => fs.writeSync(descriptor, bytes),
    close: () => undefined,
  }
  try {
    // A file blocks nobody, and opened again has an end of its own: in `weir run >file 2>&1` the log would write over spans.
    if (fs.fstatSync(descriptor).isFile()) return itself
    return sinkOf(fs.openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_APPEND | O_NONBLOCK))
  } catch {
    // A socket cannot be opened again, and some terminals belong to another user.
    return itself
  }
}

/** A file that is written behind what is there. Throws if it cannot be opened. */
export function openFile(path: string): Sink {
  try {
    return sinkOf(fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o644))
  } catch (cause) {
    throw new Error(`open output "${path}": ${(cause as Error).message}`, { cause })
  }
}

const sinkOf = (fd: number): Sink => ({
  write: (bytes) => fs.writeSync(fd, bytes),
  close: () => fs.closeSync(fd),
})
