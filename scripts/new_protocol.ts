/**
 * Begins a protocol of the ebpf receiver: `npm run new:protocol NAME`. Writes its folder and its line in each table; its test fails
 * until the parser knows a real message.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { protocolFiles, protocolLines } from './new_protocol_files.ts'
import { takenBy } from './new_protocol_name.ts'

const ROOT = join(import.meta.dirname, '../..')

const USAGE = `usage: npm run new:protocol NAME
  NAME  small letters, digits and _`

/** `text` with each of the lines in its place. Throws when a place is not there any more. */
function withLines(path: string, text: string, lines: readonly (readonly [string, string])[]) {
  return lines.reduce((result, [at, becomes]) => {
    if (!result.includes(at)) throw new Error(`${path}: ${JSON.stringify(at)} is not there`)
    return result.replace(at, () => becomes)
  }, text)
}

function begin(name: string): void {
  const folder = join(ROOT, 'receivers/ebpf/protocols', name)
  if (existsSync(folder)) throw new Error(`${folder} is there already`)
  const changed = Object.entries(protocolLines(name)).map(([path, lines]) => {
    const file = join(ROOT, path)
    return [file, withLines(path, readFileSync(file, 'utf8'), lines)] as const
  })
  const written = Object.entries(protocolFiles(name)).map(
    ([path, text]) => [join(ROOT, path), text] as const,
  )
  for (const [file, text] of [...written, ...changed]) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    process.stdout.write(`${file}\n`)
  }
  process.stdout.write(`next: npm run build && npm run gen && npx biome check --write . && npx tsc -p .
      build/node/bin/node --test dist/receivers/ebpf/protocols/${name}/protocol.test.js
how: docs/adding-a-protocol.md\n`)
}

const [name] = process.argv.slice(2)
if (name === undefined || !/^[a-z][a-z0-9_]{0,30}$/.test(name)) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else {
  const taken = takenBy(name, (path) => readFileSync(join(ROOT, path), 'utf8'))
  if (taken === undefined) {
    begin(name)
  } else {
    process.stderr.write(`new:protocol ${name}: ${taken}\n`)
    process.exitCode = 2
  }
}
