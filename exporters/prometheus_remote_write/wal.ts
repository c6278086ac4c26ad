import type { Context } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/file_storage/config.ts'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { StorageClient } from '../../pipeline/storage.ts'
import { BUFFER_SIZE, type RemoteWriteConfig } from './config.ts'

/** The file of a queue on disk, in a directory of the exporter's own. */
export class Wal {
  readonly #ctx: Context
  readonly #bufferSize: number
  readonly #storage: FileStorage

  constructor(ctx: Context, wal: NonNullable<RemoteWriteConfig['wal']>) {
    this.#ctx = ctx
    this.#bufferSize = wal.buffer_size
    const config = schema.parse({
      directory: wal.directory,
      create_directory: true,
      compaction: {
        on_start: true,
        on_rebound: true,
        check_interval: `${wal.truncate_frequency}ms`,
      },
    })
    this.#storage = new FileStorage(ctx, config)
  }

  async open(): Promise<StorageClient> {
    warnUnused(this.#ctx.log, { 'wal::buffer_size': this.#bufferSize !== BUFFER_SIZE })
    await this.#storage.start()
    return this.#storage.storage({ kind: 'exporter', id: this.#ctx.id, name: 'metrics' })
  }

  /** After what `open` gave was closed. */
  close(): Promise<void> {
    return this.#storage.shutdown()
  }
}
