import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_RPC_CLIENT_CALL_DURATION,
  METRIC_RPC_SERVER_CALL_DURATION,
} from '@opentelemetry/semantic-conventions'
import type { Attributes } from '../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../pipeline/data/traces.ts'
import type { Role } from '../role.ts'
import {
  ATTR_DNS_QUESTION_NAME,
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  ATTR_TLS_NEXT_PROTOCOL,
  ATTR_TLS_PROTOCOL_VERSION,
  ATTR_URL_TEMPLATE,
  METRIC_DNS_LOOKUP_DURATION,
  METRIC_HTTP_CLIENT_REQUEST_BODY_SIZE,
  METRIC_HTTP_CLIENT_RESPONSE_BODY_SIZE,
  METRIC_HTTP_SERVER_REQUEST_BODY_SIZE,
  METRIC_HTTP_SERVER_RESPONSE_BODY_SIZE,
  METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
  METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
} from '../semconv.ts'

/** Names of our own: what encrypts, and what a client offers to speak. */
export const ATTR_TLS_LIBRARY = 'weir.tls.library'
export const ATTR_TLS_OFFERED = 'weir.tls.offered_protocols'

/** What is measured of one kind of spans. */
export interface Instrument {
  /** Names of metrics; the sizes are those of bodies. */
  readonly duration: string
  readonly requestSize?: string
  readonly responseSize?: string
  /** In place of sizes: how many messages went, and came. */
  readonly messages?: { readonly sent: string; readonly consumed: string }
  /** Attributes of the span that become labels, in this order. */
  readonly labels: readonly string[]
}

/** Of both sides. Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export const HTTP: Readonly<Record<Role, Instrument>> = {
  server: {
    duration: METRIC_HTTP_SERVER_REQUEST_DURATION,
    requestSize: METRIC_HTTP_SERVER_REQUEST_BODY_SIZE,
    responseSize: METRIC_HTTP_SERVER_RESPONSE_BODY_SIZE,
    // No server.address: any client can choose what it says.
    labels: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_URL_SCHEME,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_HTTP_ROUTE,
      ATTR_NETWORK_PROTOCOL_NAME,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ATTR_ERROR_TYPE,
    ],
  },
  client: {
    duration: METRIC_HTTP_CLIENT_REQUEST_DURATION,
    requestSize: METRIC_HTTP_CLIENT_REQUEST_BODY_SIZE,
    responseSize: METRIC_HTTP_CLIENT_RESPONSE_BODY_SIZE,
    labels: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_URL_TEMPLATE,
      ATTR_NETWORK_PROTOCOL_NAME,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ATTR_ERROR_TYPE,
    ],
  },
}

const RPC_LABELS = [ATTR_RPC_SYSTEM_NAME, ATTR_RPC_METHOD, ATTR_RPC_STATUS_CODE, ATTR_ERROR_TYPE]

/** Source: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/ */
const RPC: Readonly<Record<Role, Instrument>> = {
  server: { duration: METRIC_RPC_SERVER_CALL_DURATION, labels: RPC_LABELS },
  client: {
    duration: METRIC_RPC_CLIENT_CALL_DURATION,
    labels: [...RPC_LABELS, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT],
  },
}

const DATABASE_LABELS = [
  ATTR_DB_SYSTEM_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_ERROR_TYPE,
]

/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-metrics/. It has no metric of servers; the name is OBI's. */
const DATABASE: Readonly<Record<Role, Instrument>> = {
  server: { duration: 'db.server.operation.duration', labels: DATABASE_LABELS },
  client: {
    duration: METRIC_DB_CLIENT_OPERATION_DURATION,
    labels: [...DATABASE_LABELS, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT],
  },
}

/** Of TLS that cannot be read there are connections: how long they lasted, and what they moved towards the server and back. */
export const TLS: Readonly<Record<Role, Instrument>> = {
  server: {
    duration: 'weir.tls.server.connection.duration',
    requestSize: 'weir.tls.server.connection.request.size',
    responseSize: 'weir.tls.server.connection.response.size',
    labels: [ATTR_TLS_LIBRARY, ATTR_TLS_PROTOCOL_VERSION, ATTR_TLS_NEXT_PROTOCOL],
  },
  client: {
    duration: 'weir.tls.client.connection.duration',
    requestSize: 'weir.tls.client.connection.request.size',
    responseSize: 'weir.tls.client.connection.response.size',
    labels: [
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_TLS_LIBRARY,
      ATTR_TLS_PROTOCOL_VERSION,
      ATTR_TLS_NEXT_PROTOCOL,
      ATTR_TLS_OFFERED,
    ],
  },
}

/** Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/. It has none of brokers. */
const MESSAGING: Readonly<Partial<Record<Role, Instrument>>> = {
  client: {
    duration: METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
    messages: {
      sent: METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
      consumed: METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
    },
    labels: [
      ATTR_MESSAGING_SYSTEM,
      ATTR_MESSAGING_OPERATION_NAME,
      ATTR_MESSAGING_OPERATION_TYPE,
      ATTR_MESSAGING_DESTINATION_NAME,
      ATTR_MESSAGING_DESTINATION_PARTITION_ID,
      ATTR_MESSAGING_CONSUMER_GROUP_NAME,
      ATTR_ERROR_TYPE,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
    ],
  },
}

/** Of clients: the conventions have no metric of servers. Source: https://opentelemetry.io/docs/specs/semconv/dns/dns-metrics/ */
const DNS: Readonly<Partial<Record<Role, Instrument>>> = {
  client: {
    duration: METRIC_DNS_LOOKUP_DURATION,
    labels: [ATTR_DNS_QUESTION_NAME, ATTR_ERROR_TYPE],
  },
}

/** By the attribute that every span of their kind has; of a call over HTTP, the call is what is measured. */
const INSTRUMENTS: readonly (readonly [
  mark: string,
  of: Readonly<Partial<Record<Role, Instrument>>>,
])[] = [
  [ATTR_RPC_SYSTEM_NAME, RPC],
  [ATTR_DB_SYSTEM_NAME, DATABASE],
  [ATTR_MESSAGING_SYSTEM, MESSAGING],
  [ATTR_HTTP_REQUEST_METHOD, HTTP],
  [ATTR_DNS_QUESTION_NAME, DNS],
]

/** What is measured of a span; undefined if nothing is. */
export function instrumentOf(kind: number, attributes: Attributes): Instrument | undefined {
  const role = ROLES[kind]
  if (role === undefined) return undefined
  const found = INSTRUMENTS.find(([mark]) => attributes.some(({ key }) => key === mark))
  return found?.[1][role]
}

const ROLES: Readonly<Record<number, Role>> = {
  [SpanKind.server]: 'server',
  [SpanKind.client]: 'client',
  [SpanKind.producer]: 'client',
  [SpanKind.consumer]: 'client',
}
