import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import { RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Destination } from '../../pipeline/exporter_helper.ts'
import { readableSpans } from '../../pipeline/sdk/readable_span.ts'
import type { SdkConfig } from './config.ts'
import { loadExporter } from './load.ts'

/** Of ExportResultCode, whose other value means that it failed. */
const SUCCESS = 0

/** Hands spans to an exporter that was written for OpenTelemetry's SDK. */
export class SdkExporter implements Destination<TraceBatch> {
  readonly #config: SdkConfig
  #exporter: SpanExporter | undefined
  /** An exporter of the SDK is never asked for two things at once. */
  #turn: Promise<void> = Promise.resolve()

  constructor(config: SdkConfig) {
    this.#config = config
  }

  /** Rejects if the package is not there, or does not take its options. */
  async open(): Promise<void> {
    const { package: name, options, secrets } = this.#config
    const Exporter = loadExporter(this.#config)
    const shown = [...secrets].map(([key, secret]) => [key, secret.reveal()])
    try {
      this.#exporter = new Exporter({ ...Object(options), ...Object.fromEntries(shown) })
    } catch (cause) {
      throw new Error(`package "${name}" does not take its options: ${(cause as Error).message}`, {
        cause,
      })
    }
  }

  async send(batch: TraceBatch, signal: AbortSignal): Promise<void> {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    try {
      await orAborted(before, signal)
      await orAborted(this.#export(batch), signal)
    } finally {
      void before.then(resolve)
    }
  }

  /** After what it still has to send. */
  async close(): Promise<void> {
    await this.#exporter?.shutdown()
  }

  /** Which of its failures would pass, an exporter does not say: all are tried again. */
  #export(batch: TraceBatch): Promise<void> {
    const spans = batch.resources().flatMap(readableSpans)
    return new Promise((resolve, reject) => {
      this.#exporter?.export(spans, ({ code, error }) => {
        const reason = error?.message ?? 'it did not say why'
        if (code === SUCCESS) resolve()
        else
          reject(new RefusedError(`package "${this.#config.package}": ${reason}`, { cause: error }))
      })
    })
  }
}

/** An exporter that never calls back holds nobody up for longer than the timeout. */
function orAborted(what: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    what.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
