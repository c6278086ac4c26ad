// Packs what a running weir needs, and nothing else:
//   npm run pack                     build/pack/weir-VERSION-linux-ARCH.tar.gz, and its SHA-256 beside it
//   node scripts/pack.mjs FOLDER     the same files below FOLDER
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  createReadStream,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { copyPackages, writeLicences } from './setup/modules.mjs'
import { bringNode, bringNodeLicence } from './setup/node.mjs'
import { BUILD, ROOT } from './setup/paths.mjs'
import { run, SetupError, say } from './setup/run.mjs'

/** Node's name of this machine's architecture, that of images, and the folder below build/bpf/. */
const ARCHITECTURES = { x64: ['amd64', 'x86_64'], arm64: ['arm64', 'arm64'] }
const [ARCH, BPF] = ARCHITECTURES[process.arch] ?? []

const KINDS = '{receivers,processors,exporters,connectors,extensions}'
/** Globs below the checkout. Source maps stay behind: three quarters of build/weir, and nothing reads them. */
const FILES = [
  'bin/weir',
  'build/weir/*.js',
  `build/bpf/${BPF}/*.bpf.o`,
  'config/default.yaml',
  'config/examples/*.yaml',
  'deploy/README.md',
  'deploy/systemd/weir.service', // `weir doctor --systemd` reads it
  'docs/*.md',
  `${KINDS}/*/README.md`, // `weir components --docs` prints them
  'receivers/ebpf/protocols/*/README.md',
  'package.json', // the version
  '{README,CHANGELOG,SECURITY}.md',
  'LICENSE',
]

/** What the bundle asks for by name while it runs: large, and most configurations need none of it. */
const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-base',
  're2js',
  'uap-core',
  'xpath',
]

function place(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
}

/** Without symbols: those of the addon are 8 MiB, Node's 32. */
function placeStripped(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  run('strip', ['-o', to, from])
  chmodSync(to, statSync(from).mode)
}

function stage(folder) {
  for (const pattern of FILES) {
    const found = globSync(pattern, { cwd: ROOT })
    if (found.length === 0) throw new SetupError(`pack ${pattern}: there is no such file`)
    for (const file of found) place(join(ROOT, file), join(folder, file))
  }
  placeStripped(join(BUILD, 'native/weir.node'), join(folder, 'build/native/weir.node'))
  placeStripped(bringNode(), join(folder, 'build/node/bin/node'))
  place(bringNodeLicence(), join(folder, 'licences/node.txt'))
  copyPackages(PACKAGES, folder)
  writeLicences(join(folder, 'licences'))
}

async function sha256(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function pack() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const name = `weir-${version}-linux-${ARCH}`
  const out = join(BUILD, 'pack')
  rmSync(out, { recursive: true, force: true })
  stage(join(out, name))
  const archive = join(out, `${name}.tar.gz`)
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX']
  run('tar', ['-czf', archive, '--sort=name', ...owner, '-C', out, name])
  rmSync(join(out, name), { recursive: true })
  writeFileSync(`${archive}.sha256`, `${await sha256(archive)}  ${name}.tar.gz\n`)
  say(`${archive}: ${(statSync(archive).size / 2 ** 20).toFixed(1)} MiB`)
}

try {
  if (ARCH === undefined) throw new SetupError(`weir has no build for ${process.arch}`)
  const [folder] = process.argv.slice(2)
  if (folder === undefined) await pack()
  else stage(folder)
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
