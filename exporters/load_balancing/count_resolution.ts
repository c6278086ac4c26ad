import type { Context } from '../../pipeline/component.ts'

/** Counts that a resolver, by the name of its section, was asked. */
export const countResolution = (ctx: Context, resolver: string, success: boolean): void =>
  ctx.count('loadbalancer_num_resolutions', 1, { resolver, success: String(success) })
