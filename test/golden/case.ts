import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'
import type { Json } from './otlp.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** What comes in, then time that goes by, and what has come out after both. */
export interface Step {
  /** Resources, in the brief form. */
  readonly in?: readonly Json[]
  /** Who sent it. */
  readonly client?: {
    readonly address?: string
    readonly metadata?: Readonly<Record<string, readonly string[]>>
    readonly auth?: Readonly<Record<string, string>>
  }
  /** Pipelines behind a connector that fail while this goes on; of a processor `next`. */
  readonly failing?: readonly string[]
  /** Seconds. */
  readonly wait?: number
  readonly out?: readonly Json[]
  /** What the sender was told. */
  readonly refused?: string
}

/** One component, with one configuration, on a clock that stands still. */
export interface GoldenCase {
  readonly name: string
  /** `traces`, of a connector `traces->metrics`. */
  readonly signal: string
  readonly config: Json
  /** Of a connector: the pipelines that it begins. */
  readonly pipelines?: readonly string[]
  readonly steps?: readonly Step[]
  /** What comes out when the component is shut down. */
  readonly end?: readonly Json[]
  /** Why there is no such component: what is wrong with the configuration. */
  readonly error?: string
  /** All that was counted. */
  readonly counts?: Readonly<Record<string, number>>
  /** Warnings and errors. */
  readonly log?: readonly string[]
}

export interface GoldenFile {
  /** `processor` */
  readonly kind: string
  readonly type: string
  /** From the root of the checkout. */
  readonly path: string
  readonly document: ReturnType<typeof parseDocument>
  readonly cases: readonly GoldenCase[]
}

/** Name of the file in a `golden` folder that says where other options are tested, and why not here. */
export const ELSEWHERE = 'elsewhere.yaml'

/** All cases, by file. */
export const goldenFiles = (): readonly GoldenFile[] =>
  globSync('{processors,connectors}/*/golden/*.yaml', { cwd: ROOT })
    .filter((path) => !path.endsWith(ELSEWHERE))
    .sort()
    .map((path) => {
      const document = parseDocument(readFileSync(join(ROOT, path), 'utf8'))
      const [kinds = '', type = ''] = dirname(path).split('/')
      const cases = document.toJS() as readonly GoldenCase[]
      return { kind: kinds.slice(0, -1), type, path, document, cases }
    })
