import type { Signal } from './component.ts'
import type { QueueConfig } from './queue.ts'

/** The queue of one signal: requests of profiles cannot be joined or divided. */
export const queueOf = (queue: QueueConfig | undefined, signal: Signal): QueueConfig | undefined =>
  queue !== undefined && signal === 'profiles' ? { ...queue, batch: undefined } : queue
