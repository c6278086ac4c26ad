import type { TestContext } from 'node:test'
import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import type { Component, Info } from '../../pipeline/component.ts'
import type { Batch, TraceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { schema } from './config.ts'
import { OtlpServer } from './otlp.ts'
import { takeInto } from './take.ts'

export const JSON_TYPE = { 'content-type': 'application/json' }

export const resourcesOf = (batch: Batch<unknown> | undefined) => (batch as TraceBatch).resources()

interface Options {
  /** What the pipeline does with a batch before it counts as received. */
  readonly consume?: ((batch: Batch<unknown>, info: Info) => Promise<void>) | undefined
  readonly metrics?: boolean
  /** Extensions by their ids. */
  readonly extensions?: Readonly<Record<string, Component>>
}

/** A receiver that has started, for traces and logs, and what has come through it. */
export async function startReceiver(t: TestContext, protocols: object, options: Options = {}) {
  const { consume, metrics = false, extensions = {} } = options
  const context = testContext('otlp')
  const ctx = { ...context.ctx, extension: (id: string) => extensions[id] }
  const received: { batch: Batch<unknown>; info: Info }[] = []
  const next = {
    async consume(batch: Batch<unknown>, info: Info) {
      await consume?.(batch, info)
      received.push({ batch, info })
    },
  }
  const server = new OtlpServer(ctx, schema.parse({ protocols }))
  const receivers = [
    server.receiver('traces', takeInto(ctx, tracesCodec, next)),
    server.receiver('logs', takeInto(ctx, logsCodec, next)),
    ...(metrics ? [server.receiver('metrics', takeInto(ctx, metricsCodec, next))] : []),
  ]
  const stop = async (deadline = later()) => {
    for (const receiver of receivers) await receiver.shutdown(deadline)
  }
  t.after(() => stop(AbortSignal.abort()))
  for (const receiver of receivers) await receiver.start()
  return { ...context, received, stop, server }
}

/** The same over HTTP, on a free port of loopback. */
export async function httpReceiver(t: TestContext, http: object = {}, options: Options = {}) {
  const started = await startReceiver(t, { http: { endpoint: '127.0.0.1:0', ...http } }, options)
  const url = `http://127.0.0.1:${started.server.httpPort}`
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBufferLike>,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: body as string,
    })
  return { ...started, url, post }
}
