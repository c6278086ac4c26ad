import { type Consumer, type Info, RefusedError } from './component.ts'

/** The stable place that a component sends to: a reload changes `target`, the component never notices. */
export class Port<T> implements Consumer<T> {
  target: Consumer<T>
  constructor(target: Consumer<T>) {
    this.target = target
  }

  consume(batch: T, info: Info): Promise<void> {
    return this.target.consume(batch, info)
  }
}

/**
 * Gives each batch to all consumers, one after the other, even if one of them rejects.
 * Batches are readonly, so nothing is copied.
 */
export function fanOut<T>(consumers: readonly Consumer<T>[]): Consumer<T> {
  const [only] = consumers
  if (only !== undefined && consumers.length === 1) return only
  return {
    async consume(batch, info) {
      const errors: unknown[] = []
      for (const consumer of consumers) {
        try {
          await consumer.consume(batch, info)
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw joinErrors(errors)
    },
  }
}

/** A refusal only if all are: one permanent error makes a retry pointless for the one that sent it. */
export function joinErrors(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0]
  const message = errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
  const cause = new AggregateError(errors, message)
  const refusals = errors.filter((one) => one instanceof RefusedError)
  if (refusals.length < errors.length) return new Error(message, { cause })
  const waits = refusals.flatMap((one) => one.retryAfterMs ?? [])
  if (waits.length === 0) return new RefusedError(message, { cause })
  return new RefusedError(message, { cause, retryAfterMs: Math.max(...waits) })
}
