/** Begins a component: `npm run new:component KIND NAME`. Its test fails until the component does what it is for. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const KINDS = ['receiver', 'processor', 'exporter', 'connector', 'extension'] as const
type Kind = (typeof KINDS)[number]

const USAGE = `usage: npm run new:component KIND NAME
  KIND  ${KINDS.join(', ')}
  NAME  as users write the type in YAML: small letters, digits and _`

const camel = (name: string) =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const CREATE: Record<Kind, string> = {
  receiver: `stability: { traces: 'development' },
  schema,
  create: { traces: (_ctx, _config, _next) => stateless },`,
  processor: `stability: { traces: 'development' },
  access: 'opaque',
  schema,
  create: {
    traces: (_ctx, _config, next) => ({
      ...stateless,
      consume: (batch, info) => next.consume(batch, info),
    }),
  },`,
  exporter: `stability: { traces: 'development' },
  access: 'opaque',
  schema,
  create: {
    traces: (_ctx, _config) => ({ ...stateless, consume: () => Promise.resolve() }),
  },`,
  connector: `stability: { 'traces->traces': 'development' },
  access: 'opaque',
  schema,
  create: {
    'traces->traces': (_ctx, _config, next) => ({
      ...stateless,
      consume: (batch, info) => next.consume(batch, info),
    }),
  },`,
  extension: `stability: { extension: 'development' },
  schema,
  create: (_ctx, _config) => stateless,`,
}

const factory = (kind: Kind, name: string) => `import { object } from '../../config/fields.ts'
import { define${capital(kind)}, stateless } from '../../pipeline/component.ts'

const schema = object({})

/** Says here in one sentence what it does. */
export const ${camel(name)} = define${capital(kind)}({
  type: '${name}',
  ${CREATE[kind]}
})
`

const test = (kind: Kind, name: string) => `import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ${camel(name)} } from './factory.ts'

describe('${kind} ${name}', () => {
  test('is listed, and does what it is for', async () => {
    const { components } = await import('../../components.ts')
    const found = components.find(({ kind, type }) => kind === '${kind}' && type === '${name}')
    assert.equal(await found?.load(), ${camel(name)}, 'list it in components.ts')
    assert.fail('say in rows what goes in and what must come out of ${name}')
  })
})
`

const readme = (kind: Kind, name: string) => `# ${name}

A ${kind} that... Traces: development.

No options.

Limits:
`

const folderOf = (kind: Kind, name: string): string => join(ROOT, `${kind}s`, name)

function begin(kind: Kind, name: string): void {
  const folder = folderOf(kind, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'factory.ts'), factory(kind, name))
  writeFileSync(join(folder, `${name}.test.ts`), test(kind, name))
  writeFileSync(join(folder, 'README.md'), readme(kind, name))
  process.stdout.write(`${folder}
  next: an entry in components.ts, then npm run build, and
  build/node/bin/node --test dist/${kind}s/${name}/${name}.test.js
  how: docs/adding-a-component.md\n`)
}

const [kind, name] = process.argv.slice(2)
const known = KINDS.find((one) => one === kind)
if (known === undefined || name === undefined || !/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else if (existsSync(folderOf(known, name))) {
  process.stderr.write(`new:component ${known} ${name}: ${known}s/${name} is there already\n`)
  process.exitCode = 2
} else {
  begin(known, name)
}
