import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Started, start } from './started.ts'

const UNBOUND = '/usr/sbin/unbound'
/** Of `big.test`: more than goes into a datagram. */
const ADDRESSES = 120

/** A query or reply as the server wrote it down. */
export interface Logged {
  readonly kind: 'query' | 'reply'
  /** Without the last dot. */
  readonly name: string
  readonly type: string
  /** '' of a query, NOERROR of success. */
  readonly rcode: string
}

export interface DnsServer {
  /** It listens on port 53 of this address, which nobody else has. */
  readonly address: string
  log(): Logged[]
  stop(): Promise<void>
}

const LINE = /(query|reply): \S+ (\S+)\. (\w+) IN(?: (\w+))?/

function parseLine(line: string): Logged[] {
  const [, kind, name = '', type = '', rcode = ''] = LINE.exec(line) ?? []
  return kind === 'query' || kind === 'reply' ? [{ kind, name, type, rcode }] : []
}

const random = () => 1 + Math.floor(Math.random() * 250)

/**
 * What is asked decides what comes: all of `weir.test` has addresses, `_http._tcp.srv.test` a service, `big.test` more than a
 * datagram holds, `nx.test` nothing, `fail.test` a failure, and for `silent.test` there is no answer.
 */
const configuration = (address: string, folder: string) => `
server:
  interface: ${address}
  port: 53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  num-threads: 1
  use-syslog: no
  verbosity: 1
  log-queries: yes
  log-replies: yes
  log-tag-queryreply: yes
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  module-config: "iterator"
  local-zone: "weir.test." redirect
  local-data: "weir.test. A 10.1.2.3"
  local-data: "weir.test. AAAA 2001:db8::1"
  local-zone: "srv.test." static
  local-data: "_http._tcp.srv.test. SRV 1 2 80 a.weir.test."
  local-zone: "big.test." redirect
${Array.from({ length: ADDRESSES }, (_, i) => `  local-data: "big.test. A 10.2.0.${i}"`).join('\n')}
  local-zone: "nx.test." always_nxdomain
  local-zone: "silent.test." always_deny
forward-zone:
  name: "fail.test."
  forward-addr: 127.0.0.1@1
remote-control:
  control-enable: no
`

/** Unbound, with its own account of what it was asked. */
export async function startDnsServer(): Promise<DnsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-dns-'))
  const address = `127.${random()}.${random()}.${random()}`
  const file = join(folder, 'unbound.conf')
  writeFileSync(file, configuration(address, folder))
  const lines: string[] = []
  const server: Started = await start(UNBOUND, ['-d', '-d', '-c', file], 'start of service')
  server.process.stderr?.on('data', (data: Buffer) => lines.push(data.toString()))
  return {
    address,
    log: () => lines.join('').split('\n').flatMap(parseLine),
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
