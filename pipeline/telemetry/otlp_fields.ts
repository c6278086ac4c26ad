import { bool, enumOf, headers, type Infer, int, object, text } from '../../config/fields.ts'

/** Where own telemetry goes, as `exporter::otlp` of OpenTelemetry's declarative configuration. */
export const otlpFields = object({
  protocol: enumOf(['http/protobuf', 'http/json', 'grpc']).describe(
    'How requests are written and carried.',
  ),
  endpoint: text()
    .check((endpoint) => urlOf(endpoint, true) === undefined && `invalid endpoint "${endpoint}"`)
    .describe(
      'URL of the backend; over HTTP and without a path, the usual one of the signal is added. Without a scheme: https, or http if insecure.',
    ),
  insecure: bool().default(false).describe('Plain HTTP where the endpoint names no scheme.'),
  headers: headers().describe('Sent with each request.'),
  headers_list: text().default('').describe('The same as one text: `a=1,b=2`.'),
  compression: enumOf(['gzip', 'none', '']).default('none').describe('Of the requests.'),
  timeout: int().min(0).default(10_000).describe('Milliseconds for one request.'),
  certificate: text().default('').describe('Authorities to trust, a PEM file.'),
  client_certificate: text().default('').describe('Our certificate, a PEM file.'),
  client_key: text().default('').describe('Its key, a PEM file.'),
})

export type OtlpTarget = Infer<typeof otlpFields>

/** The URL that an endpoint means, or undefined if it is none. */
export function urlOf(endpoint: string, insecure: boolean): URL | undefined {
  const full = /^https?:\/\//.test(endpoint) ? endpoint : `http${insecure ? '' : 's'}://${endpoint}`
  return URL.canParse(full) ? new URL(full) : undefined
}
