import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '../support/certificates.ts'
import { type Started, start } from './started.ts'

/** A line of the general log. */
export interface LoggedCommand {
  /** As `Query`, `Execute` or `Init DB`. */
  readonly command: string
  readonly text: string
}

export interface MariadbServer {
  /** What the server was asked since `forget`. */
  log(): LoggedCommand[]
  forget(): void
  stop(): Promise<void>
}

const SETTINGS = [
  '--no-defaults',
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--skip-log-bin',
  '--innodb-flush-method=nosync',
  '--innodb-buffer-pool-size=16M',
  '--innodb-log-file-size=4M',
  '--key-buffer-size=1M',
  '--performance-schema=OFF',
  '--local-infile=ON',
  '--general-log=ON',
  '--user=root',
]
const USER = [
  'FLUSH PRIVILEGES;',
  "CREATE USER weir@'%' IDENTIFIED BY 'SECRET-pass';",
  "GRANT ALL ON *.* TO weir@'%';",
  'CREATE DATABASE shop;',
  'CREATE DATABASE other;',
]

/** What the server needs of itself: without help, performance schema and time zones, it is there in half a second. */
const systemTables = () =>
  ['', '_data'].map((part) => {
    const [path = ''] = globSync(
      `/usr/share/{mysql,mariadb}/{mysql,mariadb}_system_tables${part}.sql`,
    )
    return readFileSync(path, 'utf8')
  })

/** Time, if it is another second, number of the connection, command, text: of one line. */
const LOGGED =
  /^(?:\d{6} [ \d]\d:\d\d:\d\d\t|\t\t) *\d+ ([A-Z][A-Za-z]*(?: [A-Za-z]+)?)\t([^\t]*)$/gm

/** A server on `port` of the loopback address, with TLS, a user `weir`, databases `shop` and `other`, which logs all that it is asked. */
export async function startMariadb(port: string): Promise<MariadbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-mariadb-'))
  const file = (name: string) => join(folder, name)
  const data = [`--datadir=${file('data')}`, `--tmpdir=${folder}`]
  mkdirSync(file('data'))
  execFileSync('mariadbd', [...SETTINGS, ...data, '--bootstrap'], {
    input: ['CREATE DATABASE mysql;', 'USE mysql;', ...systemTables(), ...USER, ''].join('\n'),
    stdio: 'pipe',
  })
  const { serverCert, serverKey } = makeCertificates()
  const log = file('general.log')
  const server: Started = await start(
    'mariadbd',
    [
      ...SETTINGS,
      ...data,
      `--port=${port}`,
      `--socket=${file('socket')}`,
      `--general-log-file=${log}`,
      `--ssl-cert=${serverCert}`,
      `--ssl-key=${serverKey}`,
    ],
    'ready for connections',
  )
  return {
    log: () =>
      [...readFileSync(log, 'utf8').matchAll(LOGGED)].map(([, command = '', text = '']) => ({
        command,
        text,
      })),
    forget: () => truncateSync(log),
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
