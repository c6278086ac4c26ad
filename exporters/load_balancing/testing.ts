import type { TestContext } from 'node:test'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { schema } from '../../receivers/otlp/config.ts'
import { OtlpServer } from '../../receivers/otlp/otlp.ts'
import { takeInto } from '../../receivers/otlp/take.ts'
import { later, testContext } from '../../test/support/context.ts'

/** A backend on loopback that takes OTLP over gRPC, unless it refuses. */
export async function sink(t: TestContext) {
  const { ctx } = testContext('otlp')
  const batches: TraceBatch[] = []
  const state = { refuses: false }
  const next = {
    async consume(batch: TraceBatch) {
      await Promise.resolve()
      if (state.refuses) throw new RefusedError('not now')
      batches.push(batch)
    },
  }
  const config = schema.parse({ protocols: { grpc: { endpoint: '127.0.0.1:0' } } })
  const server = new OtlpServer(ctx, config)
  const receiver = server.receiver('traces', takeInto(ctx, tracesCodec, next))
  await receiver.start()
  const stop = () => receiver.shutdown(later())
  t.after(() => receiver.shutdown(AbortSignal.abort()))
  const spans = () =>
    batches.flatMap((batch) =>
      batch.resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    )
  return { host: `127.0.0.1:${server.grpcPort}`, spans, state, stop }
}
