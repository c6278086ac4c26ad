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

/** A program of Go, built once in a module of its own below the cache. */
function build(name, version, mod, path) {
  const binary = join(CACHE, 'kubernetes', `${name}-${version}`)
  if (existsSync(binary)) return binary
  say(`building ${name} ${version}`)
  const work = `${binary}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    writeFileSync(join(work, 'go.mod'), mod())
    const flags = ['-mod=mod', '-buildvcs=false', '-trimpath', '-ldflags=-s -w']
    const made = join(work, name)
    run('nice', ['go', 'build', ...flags, '-o', made, path], {
      cwd: work,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' },
    })
    renameSync(made, binary)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return binary
}

/** A kube-apiserver: 10 minutes of two cores, and 4 GB for what Go keeps. */
export const bringApiServer = () =>
  build('kube-apiserver', VERSION, goMod, 'k8s.io/kubernetes/cmd/kube-apiserver')

const HELM = '3.21.4'
const helmMod = () => `module weir.test/helm\n\ngo 1.26\n\nrequire helm.sh/helm/v3 v${HELM}\n`

/** helm: 2 minutes of one core. */
export const bringHelm = () => build('helm', HELM, helmMod, 'helm.sh/helm/v3/cmd/helm')
