import { anything } from '../../config/fields.ts'

/** An option that the Collector has and weir cannot honour: any value but an empty one is an error that says why. */
export const refused = (why: string) =>
  anything()
    .check((value) => !isEmpty(value) && `not supported: ${why}`)
    .describe(`Not supported: ${why}.`)
    .optional()

/** Of servers and clients alike. */
export const refusedMiddlewares = refused(
  'extensions that stand in the way of each request; for `memorylimiter` put the memory_limiter processor first, weir asks it before it reads a request',
)

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return !value
  const values = Object.values(value)
  return values.every(isEmpty)
}
