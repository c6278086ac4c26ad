import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { timerMs } from '../../pipeline/timer.ts'
import { backupName, deleteOld, type Retention } from './backups.ts'

export interface WriterOptions {
  readonly path: string
  /** Whether what is there stays. */
  readonly append: boolean
  readonly flushMs: number
  /** Largest file in bytes, and what becomes of older ones. */
  readonly rotation: (Retention & { readonly maxBytes: number }) | undefined
  /** Permissions of directories that are created; undefined creates none. */
  readonly directoryMode: number | undefined
  /** What was taken and could not be written before the end. */
  onLost(items: number, error: Error): void
}

interface Message {
  readonly items: number
  bytes: Uint8Array
}

/** Is written at once, as it would take too much memory. */
const MAX_BUFFER_BYTES = 64 << 10

/** Appends messages to a file, each whole, and starts new files. */
export class FileWriter {
  readonly #options: WriterOptions
  #file: FileHandle | undefined
  /** Of the file, with what is in the buffer. */
  #size = 0
  #buffer: Message[] = []
  #bufferBytes = 0
  #failure: Error | undefined
  #timer: NodeJS.Timeout | undefined
  /** One thing at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: WriterOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { path, append, rotation, directoryMode, flushMs } = this.#options
    if (directoryMode !== undefined) {
      await mkdir(dirname(path), { recursive: true, mode: directoryMode })
    }
    await this.#open(append || rotation !== undefined).catch(withHint)
    this.#timer = setInterval(
      () => void this.#inTurn(() => this.#flush()).catch(noop),
      timerMs(flushMs),
    )
    this.#timer.unref()
  }

  /** Takes a message, or nothing of it: rejects if the disk does not take what waits already. */
  write(bytes: Uint8Array, items: number): Promise<void> {
    return this.#inTurn(() => this.#add({ bytes, items }))
  }

  close(): Promise<void> {
    clearInterval(this.#timer)
    return this.#inTurn(async () => {
      await this.#flush().catch((error) => this.#lose(error))
      await this.#file?.close()
      this.#file = undefined
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(noop)
    return turn
  }

  async #add(message: Message): Promise<void> {
    if (this.#file === undefined) throw new Error(`write "${this.#options.path}": it is closed`)
    if (this.#failure !== undefined) await this.#flush()
    await this.#makeRoom(message.bytes.length)
    this.#buffer.push(message)
    this.#bufferBytes += message.bytes.length
    this.#size += message.bytes.length
    // A failure is told to the next one: this message is in the buffer, and counts as taken.
    if (this.#bufferBytes >= MAX_BUFFER_BYTES) await this.#flush().catch(noop)
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { rotation, path } = this.#options
    if (rotation === undefined || this.#size + bytes <= rotation.maxBytes) return
    if (bytes > rotation.maxBytes) {
      throw new TooLargeError(
        `write "${path}": ${bytes} bytes are more than a file may have, ${rotation.maxBytes}`,
      )
    }
    await this.#flush()
    await this.#file?.close()
    this.#file = undefined
    const now = new Date()
    await rename(path, backupName(path, now, rotation.localtime)).catch(unlessMissing)
    await this.#open(false)
    await deleteOld(path, now, rotation)
  }

  async #open(append: boolean): Promise<void> {
    const { path, rotation } = this.#options
    const mode = rotation === undefined ? 0o644 : 0o600
    this.#file = await open(path, append ? 'a' : 'w', mode)
    this.#size = append ? (await this.#file.stat()).size : 0
  }

  /** Writes what is in the buffer; what the disk did not take stays there. */
  async #flush(): Promise<void> {
    try {
      while (this.#buffer.length > 0) await this.#writeSome()
      this.#failure = undefined
    } catch (error) {
      this.#failure = error as Error
      throw error
    }
  }

  async #writeSome(): Promise<void> {
    const all = this.#buffer.map(({ bytes }) => bytes)
    const { bytesWritten = 0 } = (await this.#file?.writev(all)) ?? {}
    this.#bufferBytes -= bytesWritten
    let left = bytesWritten
    for (let [first] = this.#buffer; first !== undefined && left > 0; [first] = this.#buffer) {
      if (left < first.bytes.length) first.bytes = first.bytes.subarray(left)
      else this.#buffer.shift()
      left -= Math.min(left, first.bytes.length)
    }
  }

  #lose(error: Error): void {
    const items = this.#buffer.reduce((sum, one) => sum + one.items, 0)
    this.#buffer = []
    this.#options.onLost(items, error)
  }
}

/** A message that no file can hold: trying again is of no use. */
export class TooLargeError extends Error {
  readonly code = 'TOO_LARGE'
}

const noop = () => undefined

function withHint(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ENOENT') throw cause
  throw new Error(`${cause.message}; create_directory: true creates a missing directory`, { cause })
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error // somebody took the file away: there is nothing to rename
}
