import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { goBuilds, goProgram, nameOfBuild } from '../../tls/go_builds.ts'
import { startNginxBy } from '../../truth/nginx.ts'
import { brought } from '../bring.ts'
import { client, program, quietProgram, urlClient, versionOf, waitingClient } from '../programs.ts'
import type { CoverageRow } from '../row.ts'
import { startTstclnt } from '../tstclnt.ts'
import { gnutls, libssl, nss, OBI } from './kinds.ts'

const run = promisify(execFile)

const goRows = goBuilds.map((build): CoverageRow => {
  const { version, kind } = build
  return {
    program: nameOfBuild(build),
    tls: 'crypto/tls',
    stripped: kind.includes('stripped'),
    small: true,
    obi: OBI.go,
    version: async () => version,
    serve: program(true, goProgram(build, 'server')),
  }
})

const clients: readonly CoverageRow[] = [
  {
    ...libssl,
    program: 'curl',
    version: versionOf(/curl ([\d.]+)/, 'curl', '--version'),
    ask: urlClient((urls) => ['curl', '--silent', '--insecure', '--http1.1', ...quiet(urls)]),
  },
  {
    ...gnutls,
    program: 'wget',
    version: versionOf(/Wget ([\d.]+)/, 'wget', '--version'),
    ask: urlClient(
      (urls) => ['wget', '--quiet', '--no-check-certificate', '-O', '/dev/null', ...urls],
      true,
    ),
  },
  {
    ...gnutls,
    program: 'git, over https',
    version: versionOf(/git version ([\d.]+)/, 'git', '--version'),
    ask: urlClient(
      ([url = '']) => [
        'git',
        '-c',
        'http.sslVerify=false',
        '-c',
        'http.version=HTTP/1.1',
        'ls-remote',
        url,
      ],
      true,
    ),
  },
]

const quiet = (urls: readonly string[]) => urls.flatMap((url) => ['--output', '/dev/null', url])

/** programs/fetch.c, which has OpenSSL in it. */
const linked = {
  program: 'a program in C',
  small: true,
  version: versionOf(/OpenSSL ([\w.]+)/, 'openssl', 'version'),
}
const ofC: readonly CoverageRow[] = [
  {
    ...linked,
    tls: 'OpenSSL, linked statically',
    stripped: false,
    obi: OBI.inExecutable,
    ask: waitingClient(brought.fetch),
  },
  {
    ...linked,
    tls: 'OpenSSL, linked statically, stripped',
    stripped: true,
    obi: OBI.other,
    unread: 'unknown',
    ask: client(brought.fetchStripped),
  },
]

const nssVersion = versionOf(/Version: (?:\d+:)?([\d.]+)/, 'dpkg', '--status', 'libnss3')

/** NSS keeps certificates in a database. */
async function nssDatabase(folder: string, { cert, key }: { cert: string; key: string }) {
  const p12 = join(folder, 'server.p12')
  await run('openssl', [
    ...['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', p12],
    ...['-name', 'server', '-passout', 'pass:'],
  ])
  await run('certutil', ['-N', '-d', `sql:${folder}`, '--empty-password'])
  await run('pk12util', ['-i', p12, '-d', `sql:${folder}`, '-W', ''])
}

const selfserv = quietProgram((port, { folder }) => [
  ...['selfserv', '-d', `sql:${folder}`, '-n', 'server', '-p', String(port)],
])

const ofNss: readonly CoverageRow[] = [
  {
    ...nss,
    program: 'selfserv',
    onlyGets: true,
    version: nssVersion,
    serve: async (stage, launcher) => {
      await nssDatabase(stage.folder, stage.certificate)
      return selfserv(stage, launcher)
    },
  },
  { ...nss, program: 'tstclnt', version: nssVersion, ask: startTstclnt },
]

const nginx: CoverageRow = {
  ...libssl,
  program: 'nginx',
  version: versionOf(/nginx\/([\d.]+)/, 'nginx', '-v'),
  serve: ({ folder, certificate }, launcher) => startNginxBy(launcher)(folder, certificate),
}

export const native: readonly CoverageRow[] = [nginx, ...clients, ...ofC, ...ofNss, ...goRows]
