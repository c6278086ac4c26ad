import type { Context } from '../component.ts'
import { codeName, type Status } from './grpc_status.ts'

/** `Context.duration`. */
export type TellDuration = Context['duration']

const secondsSince = (beganMs: number): number => (performance.now() - beganMs) / 1000

/** `status` is undefined where no answer came. */
export interface HttpDone {
  readonly method: string
  readonly status: number | undefined
  readonly scheme: string
  readonly address: string
  readonly port: number
}

/** Begins now. */
export function timeHttp(tell: TellDuration, side: 'server' | 'client'): (done: HttpDone) => void {
  const began = performance.now()
  return ({ method, status, scheme, address, port }) =>
    tell(
      `http.${side}.request.duration`,
      {
        'http.request.method': method,
        ...(status !== undefined && { 'http.response.status_code': String(status) }),
        'network.protocol.name': 'http',
        'server.address': address,
        'server.port': String(port),
        'url.scheme': scheme,
      },
      secondsSince(began),
    )
}

/** Begins now. `path`: `/package.Service/Method`. */
export function timeRpc(
  tell: TellDuration,
  side: 'server' | 'client',
  path: string,
): (status: Pick<Status, 'code'>) => void {
  const began = performance.now()
  return ({ code }) =>
    tell(
      `rpc.${side}.call.duration`,
      {
        'rpc.method': path.slice(1),
        'rpc.response.status_code': codeName(code),
        'rpc.system.name': 'grpc',
      },
      secondsSince(began),
    )
}
