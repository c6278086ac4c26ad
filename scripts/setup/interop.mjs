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

const builders = {
  js(source, folder) {
    for (const name of readdirSync(source)) cpSync(join(source, name), join(folder, name))
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
  },
  python(source, folder) {
    const requirements = join(source, 'requirements.txt')
    const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
    const pip = [
      '-m',
      'pip',
      'install',
      ...options,
      '--target',
      folder,
      '--requirement',
      requirements,
    ]
    run('/usr/bin/python3', pip)
  },
  java(source, folder) {
    const libraries = join(folder, 'lib')
    const pom = ['-f', join(source, 'pom.xml'), `-Dmaven.repo.local=${join(CACHE, 'maven')}`]
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${libraries}`]
    run('mvn', ['--quiet', '--batch-mode', ...pom, ...copy])
    const classes = ['-encoding', 'UTF-8', '-cp', `${libraries}/*`, '-d', join(folder, 'classes')]
    run('javac', [...classes, join(source, 'Sender.java')])
  },
  go(source, folder) {
    const [, minor = '0'] = output('go', ['version'])?.match(/go1\.(\d+)/) ?? []
    if (Number(minor) < 21) {
      throw new SetupError(
        `go is 1.${minor}: 1.21 or newer is needed, which brings the one that go.mod names`,
      )
    }
    run('go', ['build', '-buildvcs=false', '-o', join(folder, 'sender'), '.'], { cwd: source })
  },
}

/** Where the program of a language lies, by what it is made of: another clone with the same sources shares it. */
function folderOf(language) {
  const source = join(SOURCES, language)
  const hash = createHash('sha256')
  for (const name of readdirSync(source).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(source, name)))
  }
  return join(CACHE, 'interop', `${language}-${hash.digest('hex').slice(0, 16)}`)
}

/** Brings the SDK of `language` from its registry, once, and gives the folder that it lies in. */
export function bringSender(language) {
  const folder = folderOf(language)
  if (existsSync(folder)) return folder
  say(`bringing the OpenTelemetry SDK for ${language} from its registry`)
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    builders[language](join(SOURCES, language), work)
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

export const LANGUAGES = Object.keys(builders)
