import { readdirSync } from 'node:fs'
import type { GoBuild } from './go_build.ts'
import { readManifest } from './jar_manifest.ts'
import type { Process } from './process.ts'
import { baseName, type Script } from './script.ts'
import { reach, readSmall, usingFile } from './target_files.ts'

/** A name that a runtime's own files give, and where it was found, in words. */
export interface Named {
  readonly name: string
  /** '' when it is not told. */
  readonly version: string
  readonly rule: string
}

const MAX_FOLDERS_UP = 6

/** The nearest package.json above a script that has a name. */
export function nodePackage(process: Process, script: string): Named | undefined {
  let folder = script.slice(0, Math.max(script.lastIndexOf('/'), 0)) || '.'
  for (let i = 0; i < MAX_FOLDERS_UP; i++) {
    const found = packageOf(readSmall(reach(process, `${folder}/package.json`)))
    if (found !== undefined) return found
    folder = folder.startsWith('/') ? folder.slice(0, folder.lastIndexOf('/')) : `${folder}/..`
    if (folder === '') return undefined
  }
  return undefined
}

/** What a package.json says of itself; undefined if that has no name. */
export function packageOf(text: string | undefined): Named | undefined {
  if (text === undefined) return undefined
  try {
    const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown }
    if (typeof name !== 'string' || name === '') return undefined
    return { name, version: typeof version === 'string' ? version : '', rule: 'package.json' }
  } catch {
    return undefined
  }
}

/** The title in the manifest of a JAR, else the file's name without the version behind it. */
export function javaArchive(process: Process, path: string): Named {
  const manifest = usingFile(reach(process, path), readManifest)
  const title = manifest?.get('Implementation-Title')
  const version = manifest?.get('Implementation-Version') ?? ''
  if (title) return { name: title, version, rule: 'JAR manifest' }
  const [, name = '', behind = ''] = /^(.+?)(?:-(\d[\w.-]*))?$/.exec(baseName(path)) ?? []
  return { name, version: version || behind, rule: 'JAR name' }
}

/** Python programs that serve another module, `package.module:app`. */
const PYTHON_SERVERS = /^(?:gunicorn|uvicorn|hypercorn|daphne|granian|waitress-serve|uwsgi)$/
const APP = /^([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_][\w.]*(?:\(.*\))?$/

/** The module that a server, `python -m` or a script is of. */
export function pythonModule(process: Process, { kind, text }: Script): Named {
  const own = kind === 'module' ? text : baseName(text)
  const app = PYTHON_SERVERS.test(own)
    ? process.args.map((arg) => APP.exec(arg)?.[1]).find((name) => name !== undefined)
    : undefined
  if (app !== undefined) return { name: app, version: '', rule: `Python module that ${own} serves` }
  const rule = kind === 'module' ? 'Python module' : 'Python script'
  const folder = parentName(text)
  const generic = /^(?:__main__|manage|wsgi|asgi)$/.test(own) && folder !== ''
  return { name: generic ? folder : own, version: '', rule }
}

/** `gunicorn: worker [shop:app]`, as it calls itself where it can: its module, or the name that it was given. */
export function gunicornTitle({ args }: Process): Named | undefined {
  const title = /^gunicorn: (?:master|worker) \[(.+)\]/.exec(args[0] ?? '')?.[1]
  if (title === undefined) return undefined
  const name = APP.exec(title)?.[1]
  if (name === undefined) return { name: title, version: '', rule: 'name that gunicorn was given' }
  return { name, version: '', rule: 'Python module that gunicorn serves' }
}

const UWSGI_OPTION = /^-(?:-(module|wsgi|wsgi-file|file|ini)|w)(?:=(.*))?$/
const UWSGI_SETTING = /^\s*(module|wsgi|wsgi-file|file)\s*=\s*(\S+)/m

/** What uWSGI was told to load, by its arguments or in the file of its settings. */
export function uwsgiModule(process: Process): Named | undefined {
  const { args } = process
  for (const [i, arg] of args.entries()) {
    const [found, option = 'module', value = args[i + 1] ?? ''] = UWSGI_OPTION.exec(arg) ?? []
    if (found !== undefined) return uwsgiNamed(process, option, value)
    if (arg.endsWith('.ini')) return uwsgiNamed(process, 'ini', arg)
  }
  return undefined
}

function uwsgiNamed(process: Process, option: string, value: string): Named | undefined {
  if (value === '') return undefined
  if (option === 'ini') {
    const [, set, to = ''] = UWSGI_SETTING.exec(readSmall(reach(process, value)) ?? '') ?? []
    if (set !== undefined) return uwsgiNamed(process, set, to)
    return { name: baseName(value).replace(/\.ini$/, ''), version: '', rule: 'settings of uwsgi' }
  }
  if (option.endsWith('file')) return { name: baseName(value), version: '', rule: 'Python script' }
  const name = APP.exec(value)?.[1] ?? value
  return { name, version: '', rule: 'Python module that uwsgi serves' }
}

const parentName = (path: string): string => path.split('/').at(-2) ?? ''

/** The last part of the main package's path that is no version: `example.com/shop/v2` is `shop`. */
export function goModule({ path, moduleVersion }: GoBuild): Named | undefined {
  if (path === '' || path === 'command-line-arguments') return undefined
  const parts = path.split('/').filter((part) => !/^v\d+$/.test(part))
  const name = parts.at(-1) ?? ''
  return name === '' ? undefined : { name, version: moduleVersion, rule: 'Go module path' }
}

const RUBY_SERVERS = /^(?:puma|unicorn|rackup|rails|sidekiq|thin|passenger|bundle)$/

/** The gem in the working directory, else a server's working directory, which holds its application. */
export function rubyGem(process: Process, script: string): Named {
  const own = baseName(script)
  const folder = reach(process, '.')
  const spec = namesIn(folder).find((name) => name.endsWith('.gemspec'))
  if (spec !== undefined)
    return { name: spec.slice(0, -'.gemspec'.length), version: '', rule: 'gem' }
  const application = folder?.split('/').at(-2) ?? ''
  const serves = RUBY_SERVERS.test(own) && !/^(?:root|)$/.test(application)
  if (serves) return { name: application, version: '', rule: `folder that ${own} serves` }
  return { name: own, version: '', rule: 'Ruby script' }
}

/** Of a server that calls itself `puma 6.0 (tcp://0.0.0.0:80) [shop]`: what it was started with is gone. */
export function rubyServer(process: Process): Named | undefined {
  const server = /^(\w+)[: ]/.exec(process.args[0] ?? '')?.[1] ?? ''
  return RUBY_SERVERS.test(server) ? rubyGem(process, server) : undefined
}

function namesIn(folder: string | undefined): string[] {
  try {
    return folder === undefined ? [] : readdirSync(folder)
  } catch {
    return []
  }
}

/** An assembly and its version, of the dependencies that are described beside it. */
export function dotnetAssembly(process: Process, path: string): Named {
  const name = baseName(path)
  const deps = readSmall(reach(process, path.replace(/(?:\.dll)?$/, '.deps.json'))) ?? ''
  const at = deps.indexOf(`"${name}/`)
  const version = at < 0 ? '' : (/^[\w.-]+/.exec(deps.slice(at + name.length + 2))?.[0] ?? '')
  return { name, version, rule: '.NET assembly' }
}

/** `php-fpm: pool shop`, as workers call themselves. */
export function phpPool({ args }: Process): Named | undefined {
  const name = /^php-fpm: pool (\S+)/.exec(args[0] ?? '')?.[1]
  return name === undefined ? undefined : { name, version: '', rule: 'PHP-FPM pool' }
}
