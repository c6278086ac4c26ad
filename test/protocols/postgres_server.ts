import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '../support/certificates.ts'
import { type Started, start } from './started.ts'

export interface PostgresServer {
  readonly pid: number
  /** A program of the same release, as psql. */
  bin(name: string): string
  stop(): Promise<void>
}

/** The user that Debian's package has made: PostgreSQL runs as nobody's root. */
const idOf = (option: '-u' | '-g') => Number(execFileSync('id', [option, 'postgres']).toString())

/** A server on `port` of the loopback address, with TLS, that trusts everybody and counts statements. */
export async function startPostgres(port: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-postgres-'))
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  chownSync(folder, uid, gid)
  const [programs = ''] = globSync('/usr/lib/postgresql/*/bin').sort().reverse()
  const bin = (name: string) => join(programs, name)
  const options = { cwd: folder, uid, gid }
  execFileSync(
    bin('initdb'),
    ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '--no-sync'],
    options,
  )
  const { serverCert, serverKey } = makeCertificates()
  for (const [from, to] of [
    [serverCert, 'cert.pem'],
    [serverKey, 'key.pem'],
  ] as const) {
    copyFileSync(from, join(folder, to))
    chownSync(join(folder, to), uid, gid)
    chmodSync(join(folder, to), 0o600)
  }
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    shared_preload_libraries: 'pg_stat_statements',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: join(folder, 'cert.pem'),
    ssl_key_file: join(folder, 'key.pem'),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server: Started = await start(
    bin('postgres'),
    ['-D', join(folder, 'data'), ...args],
    'database system is ready to accept connections',
    options,
  )
  return {
    pid: server.process.pid ?? 0,
    bin,
    stop: async () => {
      await server.stop('SIGQUIT')
      rmSync(folder, { recursive: true })
    },
  }
}
