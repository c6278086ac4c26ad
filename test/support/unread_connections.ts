import { metricsCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { readTaken, type Taken } from './otlp_backend.ts'

/** Connections of a service that carried TLS which nobody read, as a backend was told by metrics of delta temporality. */
export interface UnreadConnections {
  readonly service: string
  readonly role: 'server' | 'client'
  /** What encrypts. */
  readonly library: string
  /** The host and port that a client asked for. */
  readonly address: string
  /** What it offered to speak. */
  readonly offered: string
  readonly version: string
  readonly connections: number
  /** Of the metric: seconds that they lasted, or bytes that went to the server, or came back. */
  readonly sum: number
  readonly of: 'duration' | 'request.size' | 'response.size'
}

const NAME = /^weir\.tls\.(server|client)\.connection\.(duration|request\.size|response\.size)$/

/** Every point that was taken, in the order in which they came. */
export const unreadConnections = (taken: readonly Taken[]): UnreadConnections[] =>
  taken
    .filter(({ path }) => path === '/v1/metrics')
    .flatMap((one) => readTaken(metricsCodec, one))
    .flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .flatMap(({ name, data }) => {
          const [, role, of] = NAME.exec(name) ?? []
          if (role === undefined || data.kind !== 'histogram') return []
          return data.points.map(({ attributes, count, sum = 0 }) => ({
            service: textOf(resource.attributes, 'service.name'),
            role: role as UnreadConnections['role'],
            of: of as UnreadConnections['of'],
            library: textOf(attributes, 'weir.tls.library'),
            address: `${textOf(attributes, 'server.address')}:${textOf(attributes, 'server.port')}`,
            offered: textOf(attributes, 'weir.tls.offered_protocols'),
            version: textOf(attributes, 'tls.protocol.version'),
            connections: Number(count),
            sum,
          }))
        }),
    )

function textOf(attributes: Attributes, key: string): string {
  const value = attribute(attributes, key)
  return value === undefined ? '' : valueText(value)
}
