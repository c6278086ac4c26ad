import type { PartialSuccess } from '../codec/response.ts'
import type { Context, Signal } from '../component.ts'

const ITEMS: Record<Signal, string> = {
  traces: 'dropped_spans',
  metrics: 'dropped_data_points',
  logs: 'dropped_log_records',
  profiles: 'dropped_profiles',
}

/** A request that a backend took in part: logged and counted, and never sent again. */
export function reportPartialSuccess(ctx: Context, signal: Signal, partial: PartialSuccess): void {
  ctx.count('dropped_partial_success', partial.rejected)
  ctx.log.warn('Partial success response', {
    message: partial.message,
    [ITEMS[signal]]: partial.rejected,
  })
}
