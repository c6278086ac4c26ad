import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Runs with KUBECONFIG naming a file that leads to this server; further lines are of its cluster and user. */
export async function withKubeConfig<T>(
  server: string,
  run: () => Promise<T>,
  more: { readonly cluster?: object; readonly user?: object } = {},
): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), 'weir-kubeconfig-'))
  const file = path.join(directory, 'config')
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    clusters: [{ name: 'here', cluster: { server, ...more.cluster } }],
    users: [{ name: 'me', user: more.user ?? {} }],
  }
  writeFileSync(file, JSON.stringify(config))
  const before = process.env['KUBECONFIG']
  process.env['KUBECONFIG'] = file
  try {
    return await run()
  } finally {
    rmSync(directory, { recursive: true })
    process.env['KUBECONFIG'] = before
    if (before === undefined) delete process.env['KUBECONFIG']
  }
}
