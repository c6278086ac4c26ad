import { defineExporter, forEverySignal } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { debugExporter } from './debug.ts'

/** Shows what arrives, for a person to read. */
export const debug = defineExporter({
  type: 'debug',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'items',
  schema,
  create: forEverySignal(debugExporter),
})
