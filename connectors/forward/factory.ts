import { object } from '../../config/fields.ts'
import { type Consumer, defineConnector, stateless } from '../../pipeline/component.ts'

const pass = <T>(next: Consumer<T>) => ({
  ...stateless,
  consume: next.consume.bind(next),
})

/** Hands everything on to the pipelines that it begins: merges pipelines, or divides one. */
export const forward = defineConnector({
  type: 'forward',
  stability: {
    'traces->traces': 'beta',
    'metrics->metrics': 'beta',
    'logs->logs': 'beta',
    'profiles->profiles': 'alpha',
  },
  access: 'opaque',
  schema: object({}),
  create: {
    'traces->traces': (_ctx, _config, next) => pass(next),
    'metrics->metrics': (_ctx, _config, next) => pass(next),
    'logs->logs': (_ctx, _config, next) => pass(next),
    'profiles->profiles': (_ctx, _config, next) => pass(next),
  },
})
