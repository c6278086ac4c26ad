import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import type { IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base'
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http'
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer'
import { type OtlpTarget, urlOf } from './otlp_fields.ts'

/** What differs between signals. */
export interface PushSignal<Internal, Response> {
  /** `/v1/metrics` */
  readonly path: string
  readonly protobuf: ISerializer<Internal, Response>
  readonly json: ISerializer<Internal, Response>
  readonly helper: IExporterMetricsHelper<Internal>
}

const CONTENT_TYPES = {
  'http/protobuf': 'application/x-protobuf',
  'http/json': 'application/json',
} as const

/** Sends own telemetry by OTLP/HTTP. Rejects with the name of a TLS file that cannot be read. */
export async function pushTo<Internal, Response>(
  target: OtlpTarget,
  signal: PushSignal<Internal, Response>,
): Promise<IOtlpExportDelegate<Internal>> {
  const protocol = target.protocol === 'http/json' ? 'http/json' : 'http/protobuf'
  const headers = { ...headersOf(target), 'Content-Type': CONTENT_TYPES[protocol] }
  return createOtlpHttpExportDelegate(
    {
      url: fullUrl(target, signal.path),
      headers: () => Promise.resolve(headers),
      timeoutMillis: target.timeout,
      concurrencyLimit: 1,
      compression: target.compression === 'gzip' ? 'gzip' : 'none',
      agentFactory: httpAgentFactoryFromOptions({ keepAlive: true, ...(await tlsOf(target)) }),
    },
    protocol === 'http/json' ? signal.json : signal.protobuf,
    'weir',
    signal.helper,
    undefined,
  )
}

/** A path that the endpoint names is taken as it is. */
function fullUrl({ endpoint, insecure }: OtlpTarget, path: string): string {
  const url = urlOf(endpoint, insecure)
  if (url === undefined) throw new Error(`invalid endpoint "${endpoint}"`)
  if (url.pathname === '/') url.pathname = path
  return url.href
}

function headersOf({ headers, headers_list }: OtlpTarget): Record<string, string> {
  const pairs = headers_list
    .split(',')
    .filter((pair) => pair.includes('='))
    .map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const
    })
  const named = [...headers].map(([name, value]) => [name, value.reveal()] as const)
  return Object.fromEntries([...pairs, ...named])
}

async function tlsOf(target: OtlpTarget): Promise<SecureContextOptions> {
  const { certificate, client_certificate, client_key } = target
  const [ca, cert, key] = await Promise.all([
    readPem('certificate', certificate),
    readPem('client_certificate', client_certificate),
    readPem('client_key', client_key),
  ])
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

async function readPem(field: string, file: string): Promise<string | undefined> {
  if (file === '') return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`read ${field} "${file}": ${(cause as Error).message}`, { cause })
  }
}
