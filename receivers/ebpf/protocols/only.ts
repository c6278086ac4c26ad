import type { StreamHost } from '../protocol.ts'
import type { Only } from '../signals.ts'

/**
 * The signals that an exchange gives: what its sampler leaves out is measured all the same. `wanted`: what a rule leaves of it.
 * Counts what gives no span. `nothing`: it need not be described at all.
 */
export function onlyOf(
  host: Pick<StreamHost, 'count' | 'recorder'>,
  isSampled: boolean,
  wanted?: Only,
): Only | 'nothing' {
  if (isSampled && wanted !== 'metrics') return wanted
  host.count(isSampled ? 'route_ignored' : 'unsampled')
  return host.recorder === undefined || wanted === 'traces' ? 'nothing' : 'metrics'
}
