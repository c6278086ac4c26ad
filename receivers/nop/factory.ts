import { object } from '../../config/fields.ts'
import { defineReceiver, stateless } from '../../pipeline/component.ts'

/** Receives nothing: a pipeline must have a receiver. */
export const nopReceiver = defineReceiver({
  type: 'nop',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  schema: object({}),
  create: {
    traces: () => stateless,
    metrics: () => stateless,
    logs: () => stateless,
    profiles: () => stateless,
  },
})
