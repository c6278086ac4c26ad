import { type Infer, object, optional, text } from '../../config/fields.ts'
import { grpcServerFields } from '../../pipeline/net/grpc_server_fields.ts'
import { httpServerFields } from '../../pipeline/net/http_server_fields.ts'

const path = (signal: string) =>
  text()
    .default(`/v1/${signal}`)
    .check((value) => !isPath(value) && `invalid HTTP URL path set for signal: "${value}"`)
    .describe(`Where ${signal} are sent to.`)

function isPath(value: string): boolean {
  try {
    return decodeURIComponent(value) !== '' && !/[\s?#]/.test(value)
  } catch {
    return false // a % without two digits
  }
}

const grpc = grpcServerFields('localhost:4317')
const http = httpServerFields('localhost:4318', {
  traces_url_path: path('traces'),
  metrics_url_path: path('metrics'),
  logs_url_path: path('logs'),
})

/** What stands under `receivers::otlp`. */
export const schema = object({
  protocols: object({
    grpc: optional(grpc).describe('OTLP over gRPC.'),
    http: optional(http).describe('OTLP over HTTP, protobuf and JSON.'),
  })
    .check(
      ({ grpc, http }) =>
        grpc === undefined &&
        http === undefined &&
        'must specify at least one protocol when using the OTLP receiver',
    )
    .describe('What is spoken; a protocol that is not named is off.'),
})

export type OtlpConfig = Infer<typeof schema>
export type OtlpHttpConfig = NonNullable<OtlpConfig['protocols']['http']>
