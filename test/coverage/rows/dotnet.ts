import { brought } from '../bring.ts'
import { quietProgram, versionOf } from '../programs.ts'
import type { CoverageRow, Stage } from '../row.ts'
import { libssl, plain } from './kinds.ts'

const AZMCP = brought.azmcp

/** It answers what it does not know, too. */
const serving = (scheme: 'http' | 'https') =>
  quietProgram((port, { certificate: { cert, key } }: Stage) => [
    ...[
      'env',
      `ASPNETCORE_URLS=${scheme}://127.0.0.1:${port}`,
      'ALLOW_INSECURE_EXTERNAL_BINDING=true',
    ],
    ...['AZURE_MCP_COLLECT_TELEMETRY=false', 'DOTNET_EnableDiagnostics=0'],
    ...[
      `Kestrel__Certificates__Default__Path=${cert}`,
      `Kestrel__Certificates__Default__KeyPath=${key}`,
    ],
    ...[
      AZMCP,
      'server',
      'start',
      '--transport',
      'http',
      '--dangerously-disable-http-incoming-auth',
    ],
  ])

const kestrel = {
  program: 'Azure MCP server, .NET in one file',
  version: versionOf(/(\d+\.\d+\.\d+)/, AZMCP, '--version'),
}

export const dotnet: readonly CoverageRow[] = [
  { ...kestrel, ...plain, small: false, serve: serving('http') },
  { ...kestrel, ...libssl, serve: serving('https') },
]
