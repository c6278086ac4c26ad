import { readFileSync } from 'node:fs'
import { arch, hostname } from 'node:os'
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  ATTR_TELEMETRY_SDK_NAME,
  ATTR_TELEMETRY_SDK_VERSION,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import { parseResourceAttributes } from './discovery/environment.ts'
import type { Process } from './discovery/process.ts'
import { executableName, runtimeOf, serviceName } from './discovery/service_name.ts'
import {
  ATTR_HOST_ARCH,
  ATTR_HOST_ID,
  ATTR_HOST_NAME,
  ATTR_OS_TYPE,
  ATTR_PROCESS_EXECUTABLE_NAME,
  ATTR_PROCESS_EXECUTABLE_PATH,
  ATTR_PROCESS_PARENT_PID,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_NAME,
} from './semconv.ts'

/** What all resources of one host share. */
export interface Host {
  readonly name: string
  /** '' when the machine has none. */
  readonly id: string
  /** As OpenTelemetry names it: `amd64`, `arm64`. */
  readonly arch: string
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86' }

/** This host. `host.id` is the machine id, as OpenTelemetry asks of machines that are no cloud's. */
export function readHost(): Host {
  const id = ['/etc/machine-id', '/var/lib/dbus/machine-id'].map(readTrimmed).find(Boolean) ?? ''
  return { name: hostname(), id, arch: ARCHITECTURES[arch()] ?? arch() }
}

function readTrimmed(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * What a process is, for its spans. What the process was told of itself in `OTEL_RESOURCE_ATTRIBUTES` comes over what weir
 * finds. Arguments stay out: secrets are passed in them.
 */
export function processResource(process: Process, host: Host, version: string): Resource {
  const found: Attribute[] = [
    string(ATTR_SERVICE_NAME, serviceName(process)),
    string(ATTR_SERVICE_INSTANCE_ID, `${host.name}:${process.tgid}`),
    int(ATTR_PROCESS_PID, process.tgid),
    int(ATTR_PROCESS_PARENT_PID, process.parent),
    string(ATTR_PROCESS_EXECUTABLE_NAME, executableName(process)),
    string(ATTR_PROCESS_EXECUTABLE_PATH, process.exePath),
    string(ATTR_PROCESS_RUNTIME_NAME, runtimeOf(process) ?? ''),
    string(ATTR_HOST_NAME, host.name),
    string(ATTR_HOST_ID, host.id),
    string(ATTR_HOST_ARCH, host.arch),
    string(ATTR_OS_TYPE, 'linux'),
    string(ATTR_TELEMETRY_SDK_NAME, 'weir'),
    string(ATTR_TELEMETRY_SDK_LANGUAGE, languageOf(process)),
    string(ATTR_TELEMETRY_SDK_VERSION, version),
    string(ATTR_TELEMETRY_DISTRO_NAME, 'weir'),
    string(ATTR_TELEMETRY_DISTRO_VERSION, version),
  ]
  const told = parseResourceAttributes(process.env.get('OTEL_RESOURCE_ATTRIBUTES') ?? '')
  const attributes = found.filter(
    ({ key, value }) =>
      (key === ATTR_SERVICE_NAME || !told.has(key)) &&
      !(value.kind === 'string' && value.value === ''),
  )
  for (const [key, value] of told) {
    if (key !== ATTR_SERVICE_NAME) attributes.push(string(key, value))
  }
  return { attributes, droppedAttributesCount: 0 }
}

/** Values of `telemetry.sdk.language` that a runtime stands for; as in OBI it is the watched program's, `generic` if not known. */
const LANGUAGES: Readonly<Record<string, string>> = {
  python: 'python',
  nodejs: 'nodejs',
  ruby: 'ruby',
  php: 'php',
  java: 'java',
  dotnet: 'dotnet',
}

const languageOf = (process: Process) => LANGUAGES[runtimeOf(process) ?? ''] ?? 'generic'
