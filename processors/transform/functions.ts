import type { ContextName } from '../../pipeline/ottl/contexts.ts'
import { type FunctionSpec, type Functions, functionsOf } from '../../pipeline/ottl/function.ts'
import { functionsIn } from '../../pipeline/ottl/functions/standard.ts'
import { accessLogs } from './access_logs.ts'
import { aggregating } from './aggregate.ts'
import { buckets } from './buckets.ts'
import { converting } from './convert.ts'
import { extracting } from './extract.ts'
import { securityEvents } from './security_events.ts'
import { setSemconvSpanName } from './semconv_span_name.ts'
import { summaries, summaryQuantiles } from './summaries.ts'

const also = (context: ContextName, ...lists: (readonly FunctionSpec[])[]): Functions =>
  new Map([...functionsIn(context), ...functionsOf(...lists)])

const OWN: { readonly [C in ContextName]?: Functions } = {
  span: also('span', [setSemconvSpanName]),
  metric: also('metric', converting, extracting, aggregating, summaryQuantiles, buckets.metric),
  datapoint: also('datapoint', summaries, buckets.datapoint),
  log: also('log', accessLogs, securityEvents),
}

/** The functions of the language, and those that only this processor has. */
export const functionsFor = (context: ContextName): Functions =>
  OWN[context] ?? functionsIn(context)
