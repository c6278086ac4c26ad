import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './paths.mjs'
import { run, say } from './run.mjs'

/**
 * A program of a module of Go, built once in a module of its own below `folder` of the cache. `mod` gives its go.mod, `path` is that of the
 * program's package.
 */
export function buildGoModule({ folder, name, version, mod, path, tags = '' }) {
  const binary = join(CACHE, folder, `${name}-${version}`)
  if (existsSync(binary)) return binary
  say(`building ${name} ${version}`)
  const work = `${binary}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    writeFileSync(join(work, 'go.mod'), mod())
    const flags = ['-mod=mod', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', `-tags=${tags}`]
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
