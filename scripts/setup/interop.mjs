import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { CACHE, ROOT } from './paths.mjs'
import { output, run, SetupError, say } from './run.mjs'

/** The programs of test/interop: each sends with the SDK of its language, as the language's own registry has it. */
const SOURCES = join(ROOT, 'test/interop')
/** What is built of Go, by the kind of folder that it lies in. */
const GO_PROGRAMS = {
  interop: 'sender',
  protocols: 'client',
  bench: 'grpc',
  http2: 'http2',
  nats: 'nats',
}

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']

/** Puts wheels, as pip's arguments name them, into a folder. */
export const installWheels = (folder, ...wheels) =>
  run('/usr/bin/python3', [...PIP, '--root-user-action=ignore', '--target', folder, ...wheels])

const builders = {
  js(source, folder) {
    for (const name of readdirSync(source)) cpSync(join(source, name), join(folder, name))
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
  },
  python(source, folder) {
    installWheels(folder, '--requirement', join(source, 'requirements.txt'))
  },
  java(source, folder) {
    const libraries = join(folder, 'lib')
    const pom = ['-f', join(source, 'pom.xml'), `-Dmaven.repo.local=${join(CACHE, 'maven')}`]
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${libraries}`]
    run('mvn', ['--quiet', '--batch-mode', ...pom, ...copy])
    const classes = ['-encoding', 'UTF-8', '-cp', `${libraries}/*`, '-d', join(folder, 'classes')]
    const programs = readdirSync(source).filter((name) => name.endsWith('.java'))
    run('javac', [...classes, ...programs.map((name) => join(source, name))])
  },
  go(source, folder, kind) {
    const [, minor = '0'] = output('go', ['version'])?.match(/go1\.(\d+)/) ?? []
    if (Number(minor) < 21) {
      throw new SetupError(
        `go is 1.${minor}: 1.21 or newer is needed, which brings the one that go.mod names`,
      )
    }
    run('go', ['build', '-buildvcs=false', '-o', join(folder, GO_PROGRAMS[kind]), '.'], {
      cwd: source,
    })
  },
}

/** Where what is made of `source` lies, by what that is: another clone with the same sources shares it. */
function folderOf(source, kind, name) {
  const hash = createHash('sha256')
  for (const file of readdirSync(source).sort()) {
    hash.update(`${file}\0`).update(readFileSync(join(source, file)))
  }
  return join(CACHE, kind, `${name}-${hash.digest('hex').slice(0, 16)}`)
}

/** Builds `source`, once, and gives the folder that it lies in. */
export function bring(source, kind, language, what) {
  const folder = folderOf(source, kind, language)
  if (existsSync(folder)) return folder
  say(`bringing ${what} from its registry`)
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    builders[language](source, work, kind)
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

/** The SDK of `language`. */
export const bringSender = (language) =>
  bring(join(SOURCES, language), 'interop', language, `the OpenTelemetry SDK for ${language}`)

/** The clients of databases and services that test/protocols plays, as npm has them. */
export const bringClients = () =>
  bring(join(ROOT, 'test/protocols/js'), 'protocols', 'js', 'clients for the tests of protocols')

const bringGo = (source, kind, what) => join(bring(source, kind, 'go', what), GO_PROGRAMS[kind])

/** The client that speaks by Go's drivers. */
export const bringGoClients = () =>
  bringGo(join(ROOT, 'test/protocols/go'), 'protocols', "Go's clients for the tests of protocols")

/** The server and the load of gRPC that the bench plays. */
export const bringGoLoad = () =>
  bringGo(join(ROOT, 'bench/grpc'), 'bench', 'a load of gRPC for the bench')

/** A server and a client of gRPC. */
export const bringGoHttp2 = () =>
  bringGo(join(ROOT, 'test/protocols/go_http2'), 'http2', "Go's gRPC for the tests of protocols")

/** A server and a client of NATS. */
export const bringNats = () =>
  bringGo(
    join(ROOT, 'test/protocols/go_nats'),
    'nats',
    'a server of NATS for the tests of protocols',
  )

/** Servers and clients of those that Maven's registry has. */
export const bringJava = () =>
  bring(
    join(ROOT, 'test/protocols/java'),
    'protocols',
    'java',
    'servers for the tests of protocols',
  )

export const LANGUAGES = Object.keys(builders)
