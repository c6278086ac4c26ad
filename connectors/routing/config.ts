import { enumOf, type Infer, list, object, text } from '../../config/fields.ts'
import { ERROR_MODES } from '../../pipeline/ottl/run.ts'
import { parseRequestCondition } from './request.ts'

const CONTEXTS = ['resource', 'span', 'metric', 'datapoint', 'log', 'request'] as const

const route = object({
  context: enumOf(CONTEXTS, (found) => `invalid context: ${found}`)
    .default('resource')
    .describe('What is looked at, and moved: whole resources, single items, or the request.'),
  statement: text()
    .default('')
    .describe(
      '`route() where CONDITION`; delete_key(...) and delete_matching_keys(...) in its place.',
    ),
  condition: text().default('').describe('A condition alone, in the place of a statement.'),
  action: enumOf(['move', 'copy'], (found) => `invalid routing action: ${found}`)
    .default('move')
    .describe('Whether what it matches is kept from later routes, or seen by them as well.'),
  pipelines: list(text()).describe('Where to; pipelines that this connector begins.'),
})
  .check(({ statement, condition }) => {
    if (statement === '' && condition === '') {
      return 'invalid route: either statement or condition must be provided'
    }
    return (
      statement !== '' && condition !== '' && 'invalid route: both condition and statement provided'
    )
  })
  .check(({ pipelines }) => pipelines.length === 0 && 'invalid route: no pipelines defined')
  .check(({ context, statement, condition }) => {
    if (context !== 'request') return undefined
    if (statement !== '') return '"request" context requires a condition, not a statement'
    return (
      parseRequestCondition(condition) === undefined &&
      'condition must have format \'request["<name>"] <comparator> "<value>"\', with == or !='
    )
  })

export type RouteConfig = Infer<typeof route>

export const schema = object({
  error_mode: enumOf(ERROR_MODES, (found) => `unknown error mode ${found}`)
    .default('propagate')
    .describe(
      'When a condition fails: propagate gives the batch up, ignore logs and takes it for false, silent does not log.',
    ),
  default_pipelines: list(text()).describe('For what no route takes; without any that is dropped.'),
  table: list(route)
    .describe('Routes, tried in this order: each takes what it matches from those after it.')
    .check((table) => table.length === 0 && 'invalid routing table: the routing table is empty'),
})

export type RoutingConfig = Infer<typeof schema>
