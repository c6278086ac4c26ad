import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../component.ts'
import { type Owner, type StorageClient, StorageError, type StorageExtension } from '../storage.ts'
import { FileClient } from './client.ts'
import type { FileStorageConfig } from './config.ts'
import { fileName } from './file_name.ts'
import { Shrinker } from './shrinker.ts'
import { StorageThread } from './storage_thread.ts'

/** How long one component of this process waits for a file that another one has not closed yet, as at a reload. */
const HANDOVER_MS = 6000

/** One SQLite file for each component that asks, in a thread of their own. */
export class FileStorage implements StorageExtension {
  readonly #ctx: Context
  readonly #config: FileStorageConfig
  readonly #thread = new StorageThread()
  readonly #shrinker: Shrinker
  /** Files that are open or on their way, and what ends that. */
  readonly #open = new Map<string, Promise<void>>()

  constructor(ctx: Context, config: FileStorageConfig) {
    this.#ctx = ctx
    this.#config = config
    this.#shrinker = new Shrinker(ctx, config.compaction, this.#thread)
  }

  async start(): Promise<void> {
    prepareDirectory(this.#config)
    const { compaction, recreate } = this.#config
    const without = [
      compaction.directory !== this.#config.directory &&
        compaction.directory !== '/var/lib/otelcol/file_storage' &&
        'compaction::directory has no effect: files shrink in their place.',
      compaction.cleanup_on_start &&
        'compaction::cleanup_on_start has no effect: shrinking leaves no temporary files.',
      recreate &&
        'recreate has no effect: a damaged file is always set aside, and its rest goes on.',
    ]
    for (const message of without) if (message !== false) this.#ctx.log.warn(message)
    this.#tellOfOthers()
  }

  /** The Collector's own files hold what it had not sent; weir cannot read them. */
  #tellOfOthers(): void {
    const files = readdirSync(this.#config.directory)
    const foreign = files.filter((name) =>
      /^(receiver|processor|exporter|extension)_[^.]*$/.test(name),
    )
    if (foreign.length === 0) return
    this.#ctx.log.warn(
      'Files of another Collector are in the directory: weir does not read them.',
      {
        directory: this.#config.directory,
        files: foreign,
      },
    )
  }

  async storage(owner: Owner): Promise<StorageClient> {
    const path = join(this.#config.directory, fileName(owner))
    await this.#handedOver(path)
    const closed = Promise.withResolvers<void>()
    this.#open.set(path, closed.promise)
    const end = () => {
      this.#shrinker.remove(path)
      this.#open.delete(path)
      closed.resolve()
    }
    try {
      const { timeout: timeoutMs, fsync, max_size: maxBytes } = this.#config
      const damage = await this.#thread.open({ path, timeoutMs, fsync, maxBytes })
      if (damage !== undefined) this.#ctx.log.error('A file was damaged.', { path, ...damage })
      await this.#shrinker.add(path)
      return new FileClient(this.#thread, path, damage, end)
    } catch (error) {
      end()
      throw error
    }
  }

  async #handedOver(path: string): Promise<void> {
    const closed = this.#open.get(path)
    if (closed === undefined) return
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(
        new StorageError(`file_storage: "${path}" is in use by another component`, 'busy'),
      )
    }, HANDOVER_MS)
    await Promise.race([closed, late.promise]).finally(() => clearTimeout(timer))
  }

  async shutdown(): Promise<void> {
    this.#shrinker.stop()
    await this.#thread.stop()
  }
}

function prepareDirectory({
  directory,
  create_directory,
  directory_permissions,
}: FileStorageConfig): void {
  if (create_directory) {
    mkdirSync(directory, { recursive: true, mode: Number.parseInt(directory_permissions, 8) })
  }
  const found = statSync(directory, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new Error(
      `directory must exist: stat ${directory}: no such file or directory. You can enable the create_directory option to automatically create it`,
    )
  }
  if (!found.isDirectory()) throw new Error(`${directory} is not a directory`)
}
