import { converter } from '../function.ts'
import { bool } from '../value.ts'

/** Of the contexts span and spanevent. */
export const spanFunctions = [
  converter(
    'IsRootSpan',
    [],
    () =>
      ({ span }) =>
        bool(span.parentSpanId === ''),
  ),
]
