import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
  type IOtlpExportDelegate,
} from '@opentelemetry/otlp-exporter-base'
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http'
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer'
import type { Signal } from '../component.ts'
import { OTLP_METHODS } from '../net/otlp_methods.ts'
import { GrpcTransport } from './grpc_transport.ts'
import { type OtlpTarget, urlOf } from './otlp_fields.ts'

/** What differs between signals. */
export interface PushSignal<Internal, Response> {
  readonly name: Signal
  readonly protobuf: ISerializer<Internal, Response>
  readonly json: ISerializer<Internal, Response>
  readonly helper: IExporterMetricsHelper<Internal>
}

const CONTENT_TYPES = {
  'http/protobuf': 'application/x-protobuf',
  'http/json': 'application/json',
} as const

/** Sends own telemetry by OTLP. Rejects with the name of a TLS file that cannot be read. */
export async function pushTo<Internal, Response>(
  target: OtlpTarget,
  signal: PushSignal<Internal, Response>,
): Promise<IOtlpExportDelegate<Internal>> {
  const tls = await tlsOf(target)
  const { protocol } = target
  return protocol === 'grpc'
    ? overGrpc(target, signal, tls)
    : overHttp(target, signal, tls, protocol)
}

function overGrpc<Internal, Response>(
  target: OtlpTarget,
  { name, protobuf, helper }: PushSignal<Internal, Response>,
  tls: SecureContextOptions,
): IOtlpExportDelegate<Internal> {
  const url = urlTo(target)
  const transport = new GrpcTransport({
    url,
    method: OTLP_METHODS[name],
    headers: headersOf(target),
    gzip: target.compression === 'gzip',
    tls,
  })
  const metrics = new ExporterMetrics({
    componentType: 'weir',
    metricsHelper: helper,
    url: url.href,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  })
  const options = {
    timeoutMillis: target.timeout,
    concurrencyLimit: 1,
    compression: 'none', // the transport compresses
  } as const
  return createOtlpNetworkExportDelegate(options, protobuf, metrics, transport)
}

function overHttp<Internal, Response>(
  target: OtlpTarget,
  { name, protobuf, json, helper }: PushSignal<Internal, Response>,
  tls: SecureContextOptions,
  protocol: keyof typeof CONTENT_TYPES,
): IOtlpExportDelegate<Internal> {
  const url = urlTo(target)
  if (url.pathname === '/') url.pathname = `/v1/${name}` // a path that the endpoint names is taken as it is
  const headers = { ...headersOf(target), 'Content-Type': CONTENT_TYPES[protocol] }
  return createOtlpHttpExportDelegate(
    {
      url: url.href,
      headers: () => Promise.resolve(headers),
      timeoutMillis: target.timeout,
      concurrencyLimit: 1,
      compression: target.compression === 'gzip' ? 'gzip' : 'none',
      agentFactory: httpAgentFactoryFromOptions({ keepAlive: true, ...tls }),
    },
    protocol === 'http/json' ? json : protobuf,
    'weir',
    helper,
    undefined,
  )
}

function urlTo({ endpoint, insecure }: OtlpTarget): URL {
  const url = urlOf(endpoint, insecure)
  if (url === undefined) throw new Error(`invalid endpoint "${endpoint}"`)
  return url
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
