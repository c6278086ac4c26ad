import type { Context } from '../component.ts'
import { timerMs } from '../timer.ts'
import type { FileStorageConfig } from './config.ts'
import type { StorageThread } from './storage_thread.ts'

const MIB = 1 << 20

/** Gives unused space of files back: when they are opened, or once they were large and are nearly empty. */
export class Shrinker {
  readonly #ctx: Context
  readonly #config: FileStorageConfig['compaction']
  readonly #thread: StorageThread
  /** Open files, and whether each was large. */
  readonly #files = new Map<string, boolean>()
  #timer: NodeJS.Timeout | undefined

  constructor(ctx: Context, config: FileStorageConfig['compaction'], thread: StorageThread) {
    this.#ctx = ctx
    this.#config = config
    this.#thread = thread
  }

  /** Of a file that was just opened. */
  async add(file: string): Promise<void> {
    this.#files.set(file, false)
    if (this.#config.on_start) await this.#shrink(file)
    if (!this.#config.on_rebound) return
    this.#timer ??= setInterval(
      () => void this.#look(),
      timerMs(this.#config.check_interval),
    ).unref()
  }

  remove(file: string): void {
    this.#files.delete(file)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    for (const [file, wasLarge] of this.#files) {
      try {
        const { allocated, used } = await this.#thread.call('size', file)
        if (allocated > this.#config.rebound_needed_threshold_mib * MIB) this.#files.set(file, true)
        if (!wasLarge || used > this.#config.rebound_trigger_threshold_mib * MIB) continue
        this.#files.set(file, false)
        await this.#shrink(file)
      } catch (error) {
        this.#ctx.log.warn('A file was not made smaller.', { file, error })
      }
    }
  }

  /** In steps, between which others have their turn. */
  async #shrink(file: string): Promise<void> {
    const pages = this.#config.max_transaction_size
    const before = await this.#thread.call('size', file)
    for (let size = before; size.allocated > size.used; ) {
      await this.#thread.call('shrink', { file, pages })
      const after = await this.#thread.call('size', file)
      if (after.allocated === size.allocated) break
      size = after
    }
    const { allocated } = await this.#thread.call('size', file)
    if (allocated === before.allocated) return
    this.#ctx.log.info('A file was made smaller.', {
      file,
      before: before.allocated,
      after: allocated,
    })
  }
}
