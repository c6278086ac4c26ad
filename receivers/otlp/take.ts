import type { SignalCodec } from '../../pipeline/codec/signal_codec.ts'
import type { Consumer, Context, Info } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { ProfileBatch } from '../../pipeline/data/profiles.ts'
import { readJsonRequest, scanRequest } from '../../pipeline/data/request.ts'

export type Encoding = 'proto' | 'json'

/** Where the requests of one signal go. */
export interface Take extends Pick<Consumer<unknown>, 'admit'> {
  /** Takes the bytes of one request, decoded from its compression. */
  take(bytes: Buffer, encoding: Encoding, info: Info): Promise<Taken>
}

/** `invalid` is the sender's fault; a fault of the pipeline is a rejection. */
export type Taken =
  | { readonly kind: 'taken' }
  | { readonly kind: 'invalid'; readonly reason: string }

/** How requests of one signal reach the pipelines. */
export function takeInto<R>(ctx: Context, codec: SignalCodec<R>, next: Consumer<Batch<R>>): Take {
  const onLoss = (loss: string, n: number) => ctx.count(`dropped_or_repaired_${loss}`, n)
  const read = (bytes: Buffer, encoding: Encoding) =>
    (encoding === 'json' ? readJsonRequest : scanRequest)(codec, bytes, onLoss)
  return handOn(ctx, next, read)
}

/** Profiles are passed on as the bytes that came; JSON would have to be written anew. */
export function takeProfilesInto(ctx: Context, next: Consumer<ProfileBatch>): Take {
  return handOn(ctx, next, (bytes, encoding) =>
    encoding === 'json' ? NO_JSON : ProfileBatch.read(bytes),
  )
}

type Read<T> = { readonly kind: 'batch'; readonly batch: T } | Exclude<Taken, { kind: 'taken' }>

const handOn = <T extends { readonly count: number }>(
  ctx: Context,
  next: Consumer<T>,
  read: (bytes: Buffer, encoding: Encoding) => Read<T>,
): Take => ({
  admit: (bytes) => next.admit?.(bytes) ?? (() => undefined),
  async take(bytes, encoding, info) {
    const result = read(bytes, encoding)
    if (result.kind === 'invalid') {
      ctx.count('rejected_requests_invalid', 1)
      return result
    }
    if (result.batch.count > 0) await next.consume(result.batch, info)
    return { kind: 'taken' }
  },
})

const NO_JSON = { kind: 'invalid', reason: 'profiles are taken as protobuf only' } as const
