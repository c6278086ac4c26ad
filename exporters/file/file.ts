import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { type Context, RefusedError } from '../../pipeline/component.ts'
import { attribute } from '../../pipeline/data/attributes.ts'
import { Batch } from '../../pipeline/data/batch.ts'
import type { Segment } from '../../pipeline/data/segment.ts'
import type { FileConfig } from './config.ts'
import { FileWriter, TooLargeError } from './file_writer.ts'
import { groupedPath } from './grouped_path.ts'

const MIB = 1 << 20
const compress = promisify(zstdCompress)

/** The files of one exporter, which all its signals share. */
export class Files {
  readonly #ctx: Context
  readonly #config: FileConfig
  /** By path, the one that was used last at the end. */
  readonly #writers = new Map<string, Promise<FileWriter>>()
  /** Paths that were written since the start: opened again, they are not emptied. */
  readonly #known = new Set<string>()
  #users = 0

  constructor(ctx: Context, config: FileConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  async start(): Promise<void> {
    this.#users += 1
    if (!this.#config.group_by.enabled) await this.#writer(this.#config.path)
  }

  /** The last one closes the files. Safe without `start`. */
  async stop(): Promise<void> {
    this.#users = Math.max(0, this.#users - 1)
    if (this.#users > 0) return
    const writers = [...this.#writers.values()]
    this.#writers.clear()
    for (const writer of writers) await closeOf(writer)
  }

  /** Rejects with `RefusedError` if the disk takes nothing. */
  async write<R>(batch: Batch<R>): Promise<void> {
    const { group_by, path } = this.#config
    if (!group_by.enabled) return this.#append(path, await this.#encode(batch), batch.count)
    for (const [segment, part] of this.#groups(batch)) {
      await this.#append(groupedPath(path, segment), await this.#encode(part), part.count)
    }
  }

  /** What each value of the resource attribute has of a batch. */
  #groups<R>({ codec, segments }: Batch<R>): readonly [value: string, part: Batch<R>][] {
    const groups = new Map<string, Segment<R>[]>()
    for (const segment of segments) {
      const { attributes } = segment.resource()
      const value = attribute(attributes, this.#config.group_by.resource_attribute)
      if (value?.kind !== 'string') this.#ctx.count('dropped_no_path_segment', segment.count)
      else groups.set(value.value, [...(groups.get(value.value) ?? []), segment])
    }
    return [...groups].map(([value, parts]) => [value, new Batch(codec, parts)])
  }

  async #encode<R>(batch: Batch<R>): Promise<Uint8Array> {
    const { format, compression } = this.#config
    if (format === 'json' && compression === '') return Buffer.from(`${batch.toJson()}\n`)
    const plain = format === 'json' ? Buffer.from(batch.toJson()) : batch.toProtobuf()
    const body = compression === '' ? plain : await compress(plain)
    const message = Buffer.allocUnsafe(4 + body.length)
    message.writeUInt32BE(body.length)
    message.set(body, 4)
    return message
  }

  async #append(path: string, message: Uint8Array, items: number): Promise<void> {
    try {
      const writer = await this.#writer(path)
      await writer.write(message, items)
    } catch (cause) {
      if (cause instanceof TooLargeError) throw cause
      throw new RefusedError(`write "${path}": ${(cause as Error).message}`, { cause })
    }
  }

  async #writer(path: string): Promise<FileWriter> {
    const known = this.#writers.get(path)
    this.#writers.delete(path)
    const writer = known ?? this.#open(path)
    this.#writers.set(path, writer)
    if (known === undefined) await this.#closeOldest()
    try {
      return await writer
    } catch (error) {
      this.#writers.delete(path)
      throw error
    }
  }

  async #closeOldest(): Promise<void> {
    if (this.#writers.size <= this.#config.group_by.max_open_files) return
    const [oldest] = this.#writers
    if (oldest === undefined) return
    this.#writers.delete(oldest[0])
    await closeOf(oldest[1])
  }

  async #open(path: string): Promise<FileWriter> {
    const { append, rotation, flush_interval, create_directory, group_by } = this.#config
    const mode = Number.parseInt(this.#config.directory_permissions || '0755', 8)
    const writer = new FileWriter({
      path,
      append: append || this.#known.has(path),
      flushMs: flush_interval || 1000,
      rotation: rotation && {
        maxBytes: (rotation.max_megabytes || 100) * MIB,
        maxBackups: rotation.max_backups,
        maxDays: rotation.max_days,
        localtime: rotation.localtime,
      },
      directoryMode: create_directory || group_by.enabled ? mode : undefined,
      onLost: (items, error) => {
        this.#ctx.count('dropped_not_written', items)
        this.#ctx.log.error('Writing failed. Dropping data.', { path, error, dropped_items: items })
      },
    })
    await writer.open()
    this.#known.add(path)
    return writer
  }
}

/** Of one whose opening failed there is nothing to close. */
const closeOf = (writer: Promise<FileWriter>): Promise<void> =>
  writer.then(
    (one) => one.close(),
    () => undefined,
  )
