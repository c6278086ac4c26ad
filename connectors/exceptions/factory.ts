import {
  type Component,
  type Consumer,
  defineConnector,
  stateless,
} from '../../pipeline/component.ts'
import { type Batch, type LogBatch, logBatch } from '../../pipeline/data/batch.ts'
import { type ExceptionsConfig, schema } from './config.ts'
import { ExceptionCounts } from './counts.ts'
import { type Found, ofRecords, ofSpans, recordOf } from './exceptions.ts'

/** Sends log records of exceptions, each with resource and scope of where it was. */
function toLogs<R>(
  config: ExceptionsConfig,
  exceptionsOf: (data: R) => Found[],
  next: Consumer<LogBatch>,
): Component & Consumer<Batch<R>> {
  return {
    ...stateless,
    async consume(batch, info) {
      const all = batch.resources().flatMap((data) => {
        const found = Map.groupBy(exceptionsOf(data), ({ scope }) => scope)
        return [...found].map(([scope, ones]) => ({
          resource: ones[0]?.resource ?? { attributes: [], droppedAttributesCount: 0 },
          scopeLogs: [
            { scope, logRecords: ones.map((one) => recordOf(one, config)), schemaUrl: '' },
          ],
          schemaUrl: '',
        }))
      })
      if (all.length > 0) await next.consume(logBatch(all), info)
    },
  }
}

/** Metrics and logs of exceptions. */
export const exceptions = defineConnector({
  type: 'exceptions',
  stability: {
    'traces->metrics': 'beta',
    'traces->logs': 'beta',
    'logs->metrics': 'beta',
    'logs->logs': 'beta',
  },
  access: 'items',
  schema,
  create: {
    'traces->metrics': (ctx, config, next) => new ExceptionCounts(ctx, config, ofSpans, next),
    'traces->logs': (_ctx, config, next) => toLogs(config, ofSpans, next),
    'logs->metrics': (ctx, config, next) => new ExceptionCounts(ctx, config, ofRecords, next),
    'logs->logs': (_ctx, config, next) => toLogs(config, ofRecords, next),
  },
})
