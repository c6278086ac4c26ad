import { logsCodec, metricsCodec, tracesCodec } from './codec/signal_codec.ts'
import type { BatchOf, Info, Signal } from './component.ts'
import { ProfileBatch } from './data/profiles.ts'
import { type Scanned, scanRequest } from './data/request.ts'
import { NO_LOSS } from './data/segment.ts'

/** A batch of bytes that were stored, or undefined if they are none. */
export function batchOf<S extends Signal>(signal: S, bytes: Uint8Array): BatchOf[S] | undefined {
  const read = READERS[signal](bytes)
  return read.kind === 'batch' ? (read.batch as BatchOf[S]) : undefined
}

type Reader = (bytes: Uint8Array) => Scanned<never> | ReturnType<typeof ProfileBatch.read>

const READERS: Readonly<Record<Signal, Reader>> = {
  traces: (bytes) => scanRequest(tracesCodec, bytes, NO_LOSS) as Scanned<never>,
  metrics: (bytes) => scanRequest(metricsCodec, bytes, NO_LOSS) as Scanned<never>,
  logs: (bytes) => scanRequest(logsCodec, bytes, NO_LOSS) as Scanned<never>,
  profiles: (bytes) => ProfileBatch.read(bytes),
}

/** What is kept of a sender beside its data: address and metadata, as in the Collector. */
export function metaOf({ client }: Info): string {
  return client === undefined ? '' : JSON.stringify([client.address, [...client.metadata]])
}

/** The reverse of `metaOf`, of text that has passed a checksum. */
export function infoOf(meta: string): Info {
  if (meta === '') return {}
  const [address, metadata] = JSON.parse(meta) as [string, [string, string[]][]]
  return { client: { address, metadata: new Map(metadata) } }
}
