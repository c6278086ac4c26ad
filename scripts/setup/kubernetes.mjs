import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './paths.mjs'
import { output, run, SetupError, say } from './run.mjs'

const VERSION = '1.33.4'

/** Kubernetes' parts have no versions within its own go.mod; as modules they are 0.X of its 1.X. */
function goMod() {
  const told = output('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${VERSION}`])
  if (told === undefined) throw new SetupError(`k8s.io/kubernetes v${VERSION} cannot be downloaded`)
  const own = readFileSync(JSON.parse(told).GoMod, 'utf8')
  const [, go] = own.match(/^go (\S+)/m) ?? []
  const parts = [...own.matchAll(/^\s+(k8s\.io\/\S+) v0\.0\.0$/gm)].map(([, name]) => name)
  const version = VERSION.replace(/^1/, 'v0')
  const replaced = parts.map((name) => `replace ${name} => ${name} ${version}\n`)
  return `module weir.test/kubernetes\n\ngo ${go}\n\nrequire k8s.io/kubernetes v${VERSION}\n\n${replaced.join('')}`
}

/** A kube-apiserver, built once from its Go modules: 10 minutes of two cores, and 4 GB for what Go keeps. */
export function bringApiServer() {
  const binary = join(CACHE, 'kubernetes', `kube-apiserver-${VERSION}`)
  if (existsSync(binary)) return binary
  say(`building kube-apiserver ${VERSION}`)
  const work = `${binary}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    writeFileSync(join(work, 'go.mod'), goMod())
    const flags = ['-mod=mod', '-buildvcs=false', '-trimpath', '-ldflags=-s -w']
    const made = join(work, 'kube-apiserver')
    run('nice', ['go', 'build', ...flags, '-o', made, 'k8s.io/kubernetes/cmd/kube-apiserver'], {
      cwd: work,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' },
    })
    renameSync(made, binary)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return binary
}
