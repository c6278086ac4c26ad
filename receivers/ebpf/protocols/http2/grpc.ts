import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_METHOD_ORIGINAL,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  RPC_SYSTEM_NAME_VALUE_GRPC,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import { ATTR_WEIR_PARTIAL } from '../../partial.ts'
import type { Connection, Role, StreamHost } from '../../protocol.ts'
import { extract } from '../../trace_context/extract.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { emitCall } from '../call_span.ts'
import { hasTraces, isOtlpExport } from '../http1/otlp.ts'
import {
  addClientAddress,
  addNetwork,
  addOwnAddress,
  addServerAddress,
  serverOf,
} from '../http1/span.ts'
import type { Call, Ending } from './call.ts'
import { endStatus } from './grpc_status.ts'
import { failureOf, partialOf, urlOf } from './span.ts'

/** Messages of a call, by side, which no convention has a name for. */
const ATTR_REQUEST_MESSAGES = 'weir.rpc.request.messages'
const ATTR_RESPONSE_MESSAGES = 'weir.rpc.response.messages'

/** Statuses that are a server's fault. Source: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
const SERVER_ERRORS = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
])
const METHOD = /^\/([^/]{1,255}\/[^/]{1,255})$/
const OTHER = '_OTHER'

/** `package.Service/Method`; '' when that is not what the path is. */
const methodOf = ({ request }: Call) => METHOD.exec(request.head.target)?.[1] ?? ''

function errorOf(status: string, failure: string, role: Role): string {
  if (status === '') return failure
  if (role === 'server') return SERVER_ERRORS.has(status) ? status : ''
  return status === 'OK' ? '' : status
}

/** Sends a call of gRPC as a span: one, however many messages go either way. */
export function emitGrpc(
  call: Call,
  ending: Ending,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const { head } = call.request
  const { role } = connection
  const status = endStatus(call, ending)
  if (isOtlpExport(head, head.target)) {
    host.count('otlp_export')
    if (status === 'OK' && hasTraces(head.target)) host.movedOtlpTraces(call.tgid, role)
    return
  }
  const method = methodOf(call)
  // What the server does not have may be anything that was typed.
  const isOther = role === 'server' && status === 'UNIMPLEMENTED'
  const error = errorOf(status, failureOf(ending), role)
  const operation = {
    name: (isOther ? '' : method) || RPC_SYSTEM_NAME_VALUE_GRPC,
    kind: role === 'server' ? SpanKind.server : SpanKind.client,
    extracted: extract(head.trace),
    startNs: call.startNs,
    endNs: ending.endNs,
    failed: error !== '',
    tgid: call.tgid,
    get attributes() {
      return attributesOf(call, connection, { method, isOther, status, error })
    },
  }
  emitCall(operation, host, sample)
}

interface Told {
  readonly method: string
  readonly isOther: boolean
  readonly status: string
  readonly error: string
}

/** Source: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/ */
function attributesOf(call: Call, connection: Connection, told: Told): Attribute[] {
  const attributes = [string(ATTR_RPC_SYSTEM_NAME, RPC_SYSTEM_NAME_VALUE_GRPC)]
  const add = (key: string, value: string) => {
    if (value !== '') attributes.push(string(key, value))
  }
  const addCount = (key: string, count: number | undefined) => {
    if (count !== undefined) attributes.push(int(key, count))
  }
  add(ATTR_RPC_METHOD, told.isOther ? OTHER : told.method)
  if (told.isOther) add(ATTR_RPC_METHOD_ORIGINAL, told.method)
  add(ATTR_RPC_STATUS_CODE, told.status)
  add(ATTR_ERROR_TYPE, told.error)
  addAddresses(attributes, call, connection)
  addNetwork(attributes, connection, call.request.head.minor)
  addCount(ATTR_REQUEST_MESSAGES, call.requestMessages.count)
  addCount(ATTR_RESPONSE_MESSAGES, call.responseMessages.count)
  add(ATTR_WEIR_PARTIAL, partialOf(call))
  return attributes
}

function addAddresses(attributes: Attribute[], call: Call, connection: Connection): void {
  const url = urlOf(call)
  const scheme = url.scheme === 'https' || connection.tls ? 'https' : 'http'
  if (connection.role === 'server') {
    addOwnAddress(attributes, connection, url, scheme)
    addClientAddress(attributes, connection.peerAddress)
  } else {
    const { host, port } = serverOf(connection, url, scheme)
    addServerAddress(attributes, host, port)
  }
}
