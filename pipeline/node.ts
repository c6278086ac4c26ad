import {
  type Admission,
  type Consumer,
  type Info,
  RefusedError,
  type Release,
} from './component.ts'
import type { Intake } from './intake.ts'
import { messageOf } from './message_of.ts'

/**
 * The stable place that a component sends to: a reload changes `target`, the component never notices. While it is
 * paused, batches wait.
 */
export class Port<T> implements Consumer<T> {
  target: Consumer<T>
  #paused: PromiseWithResolvers<void> | undefined
  #underWay = 0
  #onQuiet: (() => void) | undefined

  constructor(target: Consumer<T>) {
    this.target = target
  }

  consume(batch: T, info: Info): Promise<void> {
    return this.pass(() => this.target, batch, info)
  }

  /** `target` is asked for when nothing is paused any more. */
  protected async pass(target: () => Consumer<T>, batch: T, info: Info): Promise<void> {
    while (this.#paused !== undefined) await this.#paused.promise
    this.#underWay += 1
    try {
      await target().consume(batch, info)
    } finally {
      this.#underWay -= 1
      if (this.#underWay === 0) this.#onQuiet?.()
    }
  }

  /** Lets nothing more through. Resolves when what was under way is through, or when `deadline` is over. */
  async pause(deadline: AbortSignal): Promise<void> {
    this.#paused ??= Promise.withResolvers()
    if (this.#underWay === 0 || deadline.aborted) return
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve
      deadline.addEventListener('abort', () => resolve(), { once: true })
    })
    this.#onQuiet = undefined
  }

  resume(): void {
    this.#paused?.resolve()
    this.#paused = undefined
  }
}

/** What a connector sends to: all the pipelines that it begins, or one of them. */
export class JunctionPort<T> extends Port<T> {
  /** By pipeline. */
  readonly #targets = new Map<string, Consumer<T>>()

  constructor(nowhere: Consumer<T>, pipelines: Iterable<string>) {
    super(nowhere)
    for (const pipeline of pipelines) this.#targets.set(pipeline, nowhere)
  }

  connect(pipeline: string, target: Consumer<T>): void {
    this.#targets.set(pipeline, target)
  }

  to(pipeline: string): Consumer<T> | undefined {
    if (!this.#targets.has(pipeline)) return undefined
    const target = () => this.#targets.get(pipeline) ?? this.target
    return { consume: (batch, info) => this.pass(target, batch, info) }
  }
}

/** What a receiver sends to: asked for admission before it reads. */
export class EntryPort<T> extends Port<T> {
  readonly #intake: Intake
  readonly #onRefused: () => void
  /** All that this receiver's requests come by. */
  limiters: readonly Admission[] = []

  constructor(target: Consumer<T>, intake: Intake, onRefused: () => void) {
    super(target)
    this.#intake = intake
    this.#onRefused = onRefused
  }

  admit(bytes: number): Release {
    try {
      return this.#intake.admit(bytes, this.limiters)
    } catch (error) {
      this.#onRefused()
      throw error
    }
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

/** Of the pipelines that a connector begins those with these names; each of them gets every batch. Throws for others. */
export function pipelinesBehind<T>(next: Consumer<T>, names: readonly string[]): Consumer<T> {
  return fanOut(
    names.map((name) => {
      const target = next.to?.(name)
      if (target !== undefined) return target
      throw new Error(
        `pipeline "${name}" does not have this connector among its receivers, or is not configured`,
      )
    }),
  )
}

/** A refusal only if all are: one permanent error makes a retry pointless for the one that sent it. */
export function joinErrors(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0]
  const message = errors.map(messageOf).join('; ')
  const cause = new AggregateError(errors, message)
  const refusals = errors.filter((one) => one instanceof RefusedError)
  if (refusals.length < errors.length) return new Error(message, { cause })
  const waits = refusals.flatMap((one) => one.retryAfterMs ?? [])
  if (waits.length === 0) return new RefusedError(message, { cause })
  return new RefusedError(message, { cause, retryAfterMs: Math.max(...waits) })
}
