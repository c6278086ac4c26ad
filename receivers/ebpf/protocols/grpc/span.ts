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
import type { Connection, StreamHost } from '../../protocol.ts'
import type { Role } from '../../role.ts'
import { extract } from '../../trace_context/extract.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { emitCall } from '../call_span.ts'
import type { RequestHead } from '../http1/head.ts'
import { hasTraces, isOtlpExport } from '../http1/otlp.ts'
import {
  addClientAddress,
  addNetwork,
  addOwnAddress,
  addServerAddress,
  serverOf,
} from '../http1/span.ts'
import type { RequestUrl } from '../http1/url.ts'

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
/** The last two segments: in front of them gRPC-Web may have the place where its server lies. */
const METHOD = /\/([^/?]{1,255}\/[^/?]{1,255})(?:\?.*)?$/
const OTHER = '_OTHER'

/** A call of gRPC, over whatever. Texts are '' where nothing is known. */
export interface Rpc {
  readonly head: RequestHead
  readonly url: RequestUrl
  /** Its name. */
  readonly status: string
  /** Why no status came. */
  readonly failure: string
  readonly requestMessages: number | undefined
  readonly responseMessages: number | undefined
  /** A reason's name. */
  readonly partial: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

function errorOf({ status, failure }: Rpc, role: Role): string {
  if (status === '') return failure
  if (role === 'server') return SERVER_ERRORS.has(status) ? status : ''
  return status === 'OK' ? '' : status
}

/** Sends a call of gRPC as a span: one, however many messages go either way. */
export function emitRpc(rpc: Rpc, connection: Connection, host: StreamHost, sample: Sample): void {
  const { head, status, startNs, endNs, tgid } = rpc
  const { role } = connection
  if (isOtlpExport(head, head.target)) {
    host.count('otlp_export')
    if (status === 'OK' && hasTraces(head.target)) host.movedOtlpTraces(tgid, role)
    return
  }
  // `package.Service/Method`; '' when that is not what the path is.
  const method = METHOD.exec(head.target)?.[1] ?? ''
  // What the server does not have may be anything that was typed.
  const isOther = role === 'server' && status === 'UNIMPLEMENTED'
  const error = errorOf(rpc, role)
  const operation = {
    name: (isOther ? '' : method) || RPC_SYSTEM_NAME_VALUE_GRPC,
    kind: role === 'server' ? SpanKind.server : SpanKind.client,
    extracted: extract(head.trace),
    startNs,
    endNs,
    failed: error !== '',
    tgid,
    get attributes() {
      return attributesOf(rpc, connection, { method, isOther, error })
    },
  }
  emitCall(operation, host, sample)
}

interface Told {
  readonly method: string
  readonly isOther: boolean
  readonly error: string
}

/** Source: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/ */
function attributesOf(rpc: Rpc, connection: Connection, told: Told): Attribute[] {
  const attributes = [string(ATTR_RPC_SYSTEM_NAME, RPC_SYSTEM_NAME_VALUE_GRPC)]
  const add = (key: string, value: string) => {
    if (value !== '') attributes.push(string(key, value))
  }
  const addCount = (key: string, count: number | undefined) => {
    if (count !== undefined) attributes.push(int(key, count))
  }
  add(ATTR_RPC_METHOD, told.isOther ? OTHER : told.method)
  if (told.isOther) add(ATTR_RPC_METHOD_ORIGINAL, told.method)
  add(ATTR_RPC_STATUS_CODE, rpc.status)
  add(ATTR_ERROR_TYPE, told.error)
  addAddresses(attributes, rpc.url, connection)
  addNetwork(attributes, connection, rpc.head.minor)
  addCount(ATTR_REQUEST_MESSAGES, rpc.requestMessages)
  addCount(ATTR_RESPONSE_MESSAGES, rpc.responseMessages)
  add(ATTR_WEIR_PARTIAL, rpc.partial)
  return attributes
}

function addAddresses(attributes: Attribute[], url: RequestUrl, connection: Connection): void {
  const scheme = url.scheme === 'https' || connection.tls ? 'https' : 'http'
  if (connection.role === 'server') {
    addOwnAddress(attributes, connection, url, scheme)
    addClientAddress(attributes, connection.peerAddress)
  } else {
    const { host, port } = serverOf(connection, url, scheme)
    addServerAddress(attributes, host, port)
  }
}
