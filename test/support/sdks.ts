import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The checkout. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export const LANGUAGES = ['js', 'python', 'java', 'go'] as const
export type Language = (typeof LANGUAGES)[number]

/** The folder of a language's OpenTelemetry SDK, which set-up has brought; brings it if it has not. */
export async function sdkFolder(language: Language): Promise<string> {
  const module = await import(pathToFileURL(join(ROOT, 'scripts/setup/interop.mjs')).href)
  return (module as { bringSender: (language: Language) => string }).bringSender(language)
}

/** A file of test/interop. */
export const interopFile = (name: string): string => join(ROOT, 'test/interop', name)

/** `command` and arguments for a Python that has OpenTelemetry's packages, and its environment. */
export async function pythonWithOtlp() {
  const packages = await sdkFolder('python')
  return { command: '/usr/bin/python3', env: { ...process.env, PYTHONPATH: packages } }
}
