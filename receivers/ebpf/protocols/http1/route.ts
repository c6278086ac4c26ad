import type { Role } from '../../role.ts'
import type { Service } from '../../services.ts'
import { methodName } from './span.ts'

/** '' for none, undefined when requests of this path give no span. What the service did not know is not learned from. */
export function routeOf(
  service: Pick<Service, 'routes'> | undefined,
  role: Role,
  method: string,
  path: string,
  status: number,
): string | undefined {
  if (service === undefined || path === '') return ''
  return service.routes.of({
    side: role === 'server' ? 'incoming' : 'outgoing',
    method: methodName(method),
    path,
    learn: (status >= 200 && status < 400) || status >= 500,
  })
}
