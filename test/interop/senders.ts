import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { interopFile, type Language, sdkFolder } from '../support/sdks.ts'

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json'

export interface Row {
  readonly language: Language
  readonly protocol: Protocol
  readonly compression: 'gzip' | undefined
  readonly tls: boolean
}

const TIMEOUT_MS = 60_000

/** The program and its arguments, from the folder that set-up made for it. */
const COMMANDS: Readonly<Record<Language, (folder: string) => readonly string[]>> = {
  js: (folder) => [process.execPath, join(folder, 'sender.mjs')],
  python: () => ['/usr/bin/python3', interopFile('python/sender.py')],
  java: (folder) => ['java', '-XX:TieredStopAtLevel=1', '-cp', classPath(folder), 'Sender'],
  go: (folder) => [join(folder, 'sender')],
}

const classPath = (folder: string) => `${join(folder, 'classes')}:${join(folder, 'lib')}/*`

export interface Endpoints {
  /** Of weir. */
  readonly endpoint: string
  /** Of the sink, without weir. */
  readonly direct: string
  /** The authority of weir's certificate, a PEM file. */
  readonly ca: string
}

/** Runs one program to its end; rejects with what it wrote if it could not send. */
export async function runSender(row: Row, { endpoint, direct, ca }: Endpoints): Promise<void> {
  const folder = await sdkFolder(row.language)
  const [command = '', ...args] = COMMANDS[row.language](folder)
  // The Python SDK stands on requests, which takes this machine's authorities instead of the one it was given.
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: __, ...outer } = process.env
  const env = {
    ...outer,
    ...(row.language === 'python' && { PYTHONPATH: folder }),
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: row.protocol,
    ...(row.compression && { OTEL_EXPORTER_OTLP_COMPRESSION: row.compression }),
    ...(row.tls && { OTEL_EXPORTER_OTLP_CERTIFICATE: ca }),
    OTEL_RESOURCE_ATTRIBUTES: `service.name=interop-${row.language},empty=`,
    DIRECT_ENDPOINT: direct,
  }
  await promisify(execFile)(command, args, { env, timeout: TIMEOUT_MS })
}
