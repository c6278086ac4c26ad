import { brought } from '../bring.ts'
import { client, program, TRUTH_PROGRAMS, urlClient, versionOf } from '../programs.ts'
import type { CoverageRow } from '../row.ts'
import { boringssl, libssl, OBI, rustls, s2n, script } from './kinds.ts'

/** Debian's own: another one in PATH may have another OpenSSL. */
const PYTHON = '/usr/bin/python3'

const python3 = { program: 'Python', version: versionOf(/Python ([\d.]+)/, PYTHON, '--version') }

/** A program that uses a wheel. */
const wheel = (name: string, module: string) => ({
  program: `Python, the wheel ${name}`,
  version: versionOf(
    /([\d.]+)/,
    ...['env', `PYTHONPATH=${brought.python}`, PYTHON, '-c'],
    `import importlib.metadata as m; print(m.version('${name}'))`,
  ),
  ask: client('env', `PYTHONPATH=${brought.python}`, PYTHON, script(module)),
})

/** As an index of packages that there are none in. */
const uv = urlClient(
  ([url = ''], { folder }) => [
    ...[brought.uv, 'pip', 'install', '--dry-run', '--no-config', '--quiet'],
    ...['--cache-dir', `${folder}/cache`, '--target', `${folder}/target`],
    ...['--allow-insecure-host', new URL(url).host, '--index-url', url, 'nothing'],
  ],
  true,
)

export const python: readonly CoverageRow[] = [
  { ...python3, ...libssl, serve: program(true, PYTHON, `${TRUTH_PROGRAMS}server.py`) },
  { ...python3, ...libssl, ask: client(PYTHON, script('fetch.py')) },
  {
    ...wheel('pycurl', 'fetch_pycurl.py'),
    ...libssl,
    tls: 'libssl that the wheel brings',
    obi: OBI.unsaid,
  },
  {
    ...wheel('curl_cffi', 'fetch_curl_cffi.py'),
    ...boringssl,
    tls: 'BoringSSL in a library',
  },
  {
    ...wheel('awscrt', 'fetch_awscrt.py'),
    ...s2n,
  },
  {
    ...wheel('pyreqwest', 'fetch_pyreqwest.py'),
    ...rustls,
    tls: 'rustls in a library',
  },
  { ...rustls, program: 'uv', version: versionOf(/uv ([\d.]+)/, brought.uv, '--version'), ask: uv },
]
