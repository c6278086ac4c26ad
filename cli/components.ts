import { stringify } from 'yaml'
import type { Kind } from '../config/registry.ts'
import { registry } from './configuration.ts'
import { version } from './version.ts'

/** Prints every component with its stability, in the shape of the Collector's own verb. */
export async function run(): Promise<number> {
  await registry.loadAll()
  const list = (kind: Kind) =>
    registry.all(kind).map(({ type, aliases, stability }) => ({
      name: type,
      module: `weir ${version()}`,
      ...(aliases === undefined ? {} : { aliases }),
      stability: Object.fromEntries(
        Object.entries(stability).map(([signal, level]) => [signal, String(level)]),
      ),
    }))
  const scheme = (name: string) => ({ scheme: name, module: `weir ${version()}` })
  const text = stringify({
    buildinfo: { command: 'weir', description: 'OpenTelemetry agent', version: version() },
    receivers: list('receiver'),
    processors: list('processor'),
    exporters: list('exporter'),
    connectors: list('connector'),
    extensions: list('extension'),
    providers: ['env', 'file', 'http', 'https', 'yaml'].map(scheme),
    converters: [],
  })
  process.stdout.write(text)
  return 0
}
