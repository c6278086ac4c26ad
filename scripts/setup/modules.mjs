import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { ROOT } from './paths.mjs'
import { SetupError } from './run.mjs'

/** Builds of a package for others than Node's `require`, and what only those who write code read. */
const UNUSED = /(^|\/)(esm|esnext|test|tests)(\/|$)|\.(map|ts|mts|cts)$/

/** Below the checkout, where Node would find `name` if a module of `from` asks for it. */
function find(name, from) {
  for (
    let folder = from;
    ;
    folder = folder.split('/node_modules/').slice(0, -1).join('/node_modules/')
  ) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(ROOT, found, 'package.json'))) return found
    if (folder === '') throw new SetupError(`package ${name}: not below node_modules`)
  }
}

/** The folders of packages and of all that they depend on. */
function closureOf(names) {
  const folders = new Set()
  const add = (name, from) => {
    const folder = find(name, from)
    if (folders.has(folder)) return
    folders.add(folder)
    const { dependencies = {} } = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    )
    for (const one of Object.keys(dependencies)) add(one, folder)
  }
  for (const name of names) add(name, '')
  return folders
}

/** Copies packages, and what they depend on, to node_modules below `target`, as they lie here. */
export function copyPackages(names, target) {
  for (const folder of closureOf(names)) {
    const source = join(ROOT, folder)
    const isUsed = (path) => {
      const inside = path
        .slice(source.length + 1)
        .split(sep)
        .join('/')
      return !inside.startsWith('node_modules') && !UNUSED.test(inside)
    }
    cpSync(source, join(target, folder), { recursive: true, filter: isUsed })
  }
}

/** The licence of each package that weir depends on: the bundle contains them. */
export function writeLicences(target) {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  mkdirSync(target, { recursive: true })
  for (const folder of closureOf(Object.keys(dependencies))) {
    const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e/i.test(name))
    if (file === undefined) throw new SetupError(`${folder}: it has no licence to go along`)
    const name = folder.split('node_modules/').at(-1).replace('/', '-')
    cpSync(join(ROOT, folder, file), join(target, `${name}.txt`))
  }
}
