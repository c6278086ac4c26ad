import { full } from '../../size.ts'
import { brought, setUp } from '../bring.ts'
import { client, program, TRUTH_PROGRAMS, versionOf } from '../programs.ts'
import type { CoverageRow } from '../row.ts'
import { boringssl, OBI, plain, rustls, script } from './kinds.ts'

const SERVER = `${TRUTH_PROGRAMS}server.mjs`
const FETCH = script('fetch.mjs')

const nodeRows = setUp.NODES.filter(({ small }) => small || full).flatMap(
  ({ version, small }): CoverageRow[] => {
    const binary = setUp.bringNode(version)
    const common = {
      program: `Node ${version.split('.')[0]}`,
      tls: 'OpenSSL in the executable',
      stripped: false,
      small,
      obi: OBI.inExecutable,
      version: versionOf(/v([\d.]+)/, binary, '--version'),
    }
    return [
      { ...common, serve: program(true, binary, SERVER) },
      { ...common, ask: client(binary, FETCH) },
    ]
  },
)

const BUN = brought.bun
const bun = { program: 'Bun', version: versionOf(/([\d.]+)/, BUN, '--version') }

const DENO = [brought.deno, 'run', '--allow-all', '--no-remote', '--quiet']
const TRUSTING = '--unsafely-ignore-certificate-errors'
const deno = { program: 'Deno', version: versionOf(/deno ([\d.]+)/, brought.deno, '--version') }

export const javascript: readonly CoverageRow[] = [
  ...nodeRows,
  { ...bun, ...plain, serve: program(false, BUN, SERVER) },
  { ...bun, ...boringssl, serve: program(true, BUN, SERVER) },
  { ...bun, ...boringssl, ask: client(BUN, FETCH) },
  { ...deno, ...plain, serve: program(false, ...DENO, SERVER) },
  { ...deno, ...rustls, serve: program(true, ...DENO, SERVER) },
  { ...deno, ...rustls, ask: client(...DENO, TRUSTING, FETCH) },
]
