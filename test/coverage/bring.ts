import { fileURLToPath, pathToFileURL } from 'node:url'

/** Of scripts/setup/, which every Node runs as it is: what set-up has brought, or brings now. */
interface SetUp {
  /** `small`: for `npm test`, too. */
  readonly NODES: readonly { readonly version: string; readonly small: boolean }[]
  bringNode(version: string): string
  bringJdk(version: string): string
  bringCoverage(): CoveragePrograms
}

/** Files of programs that Debian does not have, and folders. */
export interface CoveragePrograms {
  readonly bun: string
  readonly deno: string
  /** Azure's MCP server: ASP.NET Core, in one file with its runtime. */
  readonly azmcp: string
  readonly uv: string
  /** Of wheels, for PYTHONPATH. */
  readonly python: string
  /** Of classes. */
  readonly classes: string
  /** programs/fetch.c with OpenSSL in it: with its symbols, and without. */
  readonly fetch: string
  readonly fetchStripped: string
}

const SET_UP = fileURLToPath(new URL('../../../scripts/setup/coverage.mjs', import.meta.url))

export const setUp = (await import(pathToFileURL(SET_UP).href)) as SetUp
export const brought = setUp.bringCoverage()
