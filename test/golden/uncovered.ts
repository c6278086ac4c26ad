import { isDeepStrictEqual } from 'node:util'
import type { Listed } from '../../config/registry.ts'
import type { Factory } from '../../pipeline/component.ts'
import { ELSEWHERE, type GoldenCase, goldenFiles } from './case.ts'
import { isTestedElsewhere, isUntested, readElsewhere } from './elsewhere.ts'
import { optionsOf, settingsOf, without } from './options.ts'
import { play } from './play.ts'

const files = goldenFiles()
/** The others talk to the network: their own tests do that. */
const HAVE_CASES = new Set(['processor', 'connector'])

/** Descriptions of options that are there because real files hold them: refused, or said at start to do nothing. */
const NOTHING = /without effect|^No effect|^Not supported|^Refused/

/** Types whose folder has another name. */
const FOLDERS: Readonly<Record<string, string>> = { healthcheckv2: 'health_check' }

/** Identities of the options whose absence changes what a case shows. */
async function shownBy(factory: Factory, cases: readonly GoldenCase[]): Promise<Set<string>> {
  const schema = factory.schema.json()
  const identities = new Map(optionsOf(schema).map(({ path, identity }) => [path, identity]))
  const shown = new Set<string>()
  for (const one of cases) {
    const played = await play(factory, one, one.config)
    for (const { path, place } of settingsOf(schema, one.config)) {
      const identity = identities.get(path)
      if (identity === undefined || shown.has(identity)) continue
      const other = await play(factory, one, without(one.config, place))
      if (!isDeepStrictEqual(other, played)) shown.add(identity)
    }
  }
  return shown
}

/** Options that no case shows, and of which `elsewhere.yaml` says neither where they are tested nor why not. */
export async function uncovered({ kind, type, load }: Listed): Promise<readonly string[]> {
  const factory = await load()
  const cases = files.filter((file) => file.kind === kind && file.type === type)
  const shown = await shownBy(
    factory,
    cases.flatMap((file) => file.cases),
  )
  const folder = HAVE_CASES.has(kind) ? 'golden/' : ''
  const elsewhere = readElsewhere(`${kind}s/${FOLDERS[type] ?? type}/${folder}${ELSEWHERE}`)
  const options = Map.groupBy(optionsOf(factory.schema.json()), ({ identity }) => identity)
  return [...options]
    .filter(([identity]) => !shown.has(identity))
    .filter(([, [option]]) => !NOTHING.test(option?.description ?? ''))
    .map(([, same]) => same.map(({ path }) => path))
    .filter((paths) => !paths.some((path) => isTestedElsewhere(elsewhere, path)))
    .filter((paths) => !paths.some((path) => isUntested(elsewhere, path)))
    .map(([path = '']) => path)
}
