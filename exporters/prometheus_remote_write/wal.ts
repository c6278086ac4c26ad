import type { Context } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/file_storage/config.ts'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'
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
    if (this.#bufferSize !== BUFFER_SIZE) {
      this.#ctx.log.warn('wal::buffer_size has no effect: a batch leaves the disk once it is sent.')
    }
    await this.#storage.start()
    return this.#storage.storage({ kind: 'exporter', id: this.#ctx.id, name: 'metrics' })
  }

  /** After what `open` gave was closed. */
  close(): Promise<void> {
    return this.#storage.shutdown()
  }
}
