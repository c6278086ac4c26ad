import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { CoverageRow } from './row.ts'

/** NSS's own client, which is told what to send: a connection for each request. */
export const startTstclnt: NonNullable<CoverageRow['ask']> = async (
  { folder },
  launcher,
  base,
  paths,
) => {
  const { hostname, port } = new URL(base)
  const [file = '', ...args] = [...launcher, 'tstclnt', '-h', hostname, '-p', port, '-o', '-D']
  for (const path of paths) {
    const child = spawn(file, args, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.end(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`)
    child.stdout.resume()
    await once(child, 'exit')
  }
}
