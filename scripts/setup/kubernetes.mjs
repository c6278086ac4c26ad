import { readFileSync } from 'node:fs'
import { buildGoModule } from './go_module.mjs'
import { output, SetupError } from './run.mjs'

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

/** A kube-apiserver: 10 minutes of two cores, and 4 GB for what Go keeps. */
export const bringApiServer = () =>
  buildGoModule({
    folder: 'kubernetes',
    name: 'kube-apiserver',
    version: VERSION,
    mod: goMod,
    path: 'k8s.io/kubernetes/cmd/kube-apiserver',
  })

const HELM = '3.21.4'
const helmMod = () => `module weir.test/helm\n\ngo 1.26\n\nrequire helm.sh/helm/v3 v${HELM}\n`

/** helm: 2 minutes of one core. */
export const bringHelm = () =>
  buildGoModule({
    folder: 'kubernetes',
    name: 'helm',
    version: HELM,
    mod: helmMod,
    path: 'helm.sh/helm/v3/cmd/helm',
  })
