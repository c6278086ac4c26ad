import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goProgram, newestGoBuild } from '../tls/go_builds.ts'
import { program } from './started.ts'
import { run } from './watch.ts'

/** Programs that look names up, each by another resolver, at a server that is theirs alone. */
export interface DnsClients {
  /** The C library's; both kinds of addresses, or IPv4 alone. */
  glibc(name: string, only4?: boolean): Promise<void>
  musl(name: string, only4?: boolean): Promise<void>
  go(name: string, only4?: boolean): Promise<void>
  /** c-ares, within Node: `NAME:TYPE`. */
  cares(tries: number, ...questions: string[]): Promise<void>
  remove(): void
}

/** Resolvers of C and Go read this file; they wait a second, and ask twice. */
const settings = (address: string) => `nameserver ${address}\noptions timeout:1 attempts:2\n`

/** Puts the file in its place for one program, in a mount namespace of its own. */
const WITH_SETTINGS = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'

export function dnsClients(address: string): DnsClients {
  const folder = mkdtempSync(join(tmpdir(), 'weir-resolv-'))
  const file = join(folder, 'resolv.conf')
  writeFileSync(file, settings(address))
  const musl = join(folder, 'musl')
  execFileSync('musl-gcc', ['-O1', '-static', '-o', musl, program('dns.c')])
  const go = goProgram(newestGoBuild, 'dns')
  const isolated = async (...command: string[]) => {
    await run('unshare', ['--mount', 'sh', '-c', WITH_SETTINGS, 'sh', file, ...command])
  }
  return {
    // A name that is not found is told by the status.
    glibc: (name, only4 = false) =>
      isolated('sh', '-c', 'getent "$@" || true', 'sh', only4 ? 'ahostsv4' : 'ahosts', `${name}.`),
    musl: (name, only4 = false) => isolated(musl, only4 ? '4' : '46', `${name}.`),
    go: (name, only4 = false) => isolated(go, only4 ? 'ip4' : 'ip', `${name}.`),
    cares: async (tries, ...questions) => {
      await run(process.execPath, [program('dns.mjs'), address, String(tries), ...questions])
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
