import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface Certificates {
  /** PEM files. */
  readonly ca: string
  readonly serverCert: string
  readonly serverKey: string
  readonly clientCert: string
  readonly clientKey: string
}

/** An authority, a server certificate for localhost and 127.0.0.1, and a client certificate; made by openssl in a directory that goes with the process. */
export function makeCertificates(): Certificates {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-tls-'))
  process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  const file = (name: string) => path.join(dir, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=weir test authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  )
  for (const [name, subject, names] of [
    ['server', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ['client', '/CN=weir client', 'subjectAltName=DNS:client,URI:spiffe://shop/client'],
  ] as const) {
    openssl(
      ...['req', '-x509', ...key, '-subj', subject, '-addext', names],
      ...['-CA', file('ca.pem'), '-CAkey', file('ca.key')],
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
    )
  }
  return {
    ca: file('ca.pem'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  }
}
