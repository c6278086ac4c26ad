import { readFile } from 'node:fs/promises'
import { messageOf } from '../pipeline/message_of.ts'
import { downloadText } from './download.ts'
import { configError, type Issue } from './issue.ts'

/** What a uri led to. */
export interface Retrieved {
  readonly text: string
  /** For origins: a file name as written, `env:NAME`, a URL. */
  readonly source: string
  /** An unset variable is null, a default that is empty is the empty string: only the first one is "nothing". */
  readonly isEmptyString?: boolean
  readonly notice?: Pick<Issue, 'severity' | 'message'>
}

/** What the providers see of the world. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** `file:` paths are relative to it. */
  readonly directory?: string
}

const LOCATION = /^([A-Za-z][A-Za-z0-9+.-]+):([\s\S]*)$/

type Provider = (rest: string, around: Surroundings, uri: string) => Retrieved | Promise<Retrieved>

const PROVIDERS: Readonly<Record<string, Provider>> = {
  env: fromEnv,
  file: fromFile,
  yaml: (text) => ({ text, source: 'yaml:' }),
  http: download,
  https: download,
}

/** Fetches what `scheme:rest` names. Throws `ConfigError` in the Collector's words. */
export async function retrieve(uri: string, around: Surroundings): Promise<Retrieved> {
  const [, scheme, rest = ''] = LOCATION.exec(uri) ?? []
  if (scheme === undefined) throw configError(`invalid uri: ${JSON.stringify(uri)}${hint(uri)}`)
  const provider = Object.hasOwn(PROVIDERS, scheme) ? PROVIDERS[scheme] : undefined
  if (provider === undefined) {
    throw configError(
      `scheme ${JSON.stringify(scheme)} is not supported for uri ${JSON.stringify(uri)}${hint(uri)}`,
    )
  }
  return provider(rest, around, uri)
}

const hint = (uri: string): string =>
  /^\w+:-/.test(uri) ? `: a default is written \${env:${uri}}` : ''

/** Whether a `--config` value has a scheme; without one it is a file. */
export const hasScheme = (uri: string): boolean => LOCATION.test(uri)

const ENV_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function fromEnv(rest: string, { env }: Surroundings): Retrieved {
  const at = rest.indexOf(':-')
  const name = at < 0 ? rest : rest.slice(0, at)
  if (!ENV_NAME.test(name)) {
    throw configError(
      `environment variable ${JSON.stringify(name)} has invalid name: must match regex ${ENV_NAME.source}`,
    )
  }
  const source = `env:${name}`
  const value = env[name]
  if (value === undefined && at >= 0) {
    const text = rest.slice(at + 2)
    return { text, source: `${source}, its default`, isEmptyString: text === '' }
  }
  return { text: value ?? '', source, ...notice(name, value) }
}

function notice(name: string, value: string | undefined): Pick<Retrieved, 'notice'> {
  if (value === undefined) {
    const message = `Configuration references unset environment variable ${JSON.stringify(name)}`
    return { notice: { severity: 'warning', message } }
  }
  if (value !== '') return {}
  const message = `Configuration references empty environment variable ${JSON.stringify(name)}`
  return { notice: { severity: 'info', message } }
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
}

async function fromFile(
  path: string,
  { directory }: Surroundings,
  uri: string,
): Promise<Retrieved> {
  const full = path.startsWith('/') || directory === undefined ? path : `${directory}/${path}`
  try {
    return { text: await readFile(full, 'utf8'), source: path }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const cause = ERRNO_WORDS[code] ?? message
    throw configError(`unable to read the file ${uri}: open ${path}: ${cause}`, undefined, error)
  }
}

async function download(_rest: string, _around: Surroundings, uri: string): Promise<Retrieved> {
  try {
    return { text: await downloadText(new URL(uri)), source: uri }
  } catch (error) {
    const cause = messageOf(error)
    const message = `unable to download the file via HTTP GET for uri ${JSON.stringify(uri)}: ${cause}`
    throw configError(message, undefined, error)
  }
}
