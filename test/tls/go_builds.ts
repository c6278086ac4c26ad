import { fileURLToPath, pathToFileURL } from 'node:url'
import { full } from '../size.ts'
import { type RunClient, runProgram } from '../truth/clients.ts'
import { type StartServer, startProgram } from '../truth/programs.ts'

/** How test/truth's programs in Go were built. */
export interface GoBuild {
  readonly version: string
  readonly kind: string
}

interface SetUp {
  readonly ALL_GO_BUILDS: readonly GoBuild[]
  readonly SMALL_GO_BUILDS: readonly GoBuild[]
  readonly NEWEST_GO_BUILD: GoBuild
  bringGoProgram(build: GoBuild, name: string): string
}

const SET_UP = fileURLToPath(new URL('../../../scripts/setup/go.mjs', import.meta.url))
const setUp = (await import(pathToFileURL(SET_UP).href)) as SetUp

export const goBuilds = full ? setUp.ALL_GO_BUILDS : setUp.SMALL_GO_BUILDS

export const newestGoBuild = setUp.NEWEST_GO_BUILD

export const nameOfBuild = ({ version, kind }: GoBuild): string => `Go ${version}, ${kind}`

/** The path of a program, which set-up has brought; builds it if it has not. */
export const goProgram = (build: GoBuild, name: 'server' | 'client' | 'once' | 'dns'): string =>
  setUp.bringGoProgram(build, name)

export const goServer =
  (binary: string, ...words: string[]): StartServer =>
  (folder, certificate) =>
    startProgram([binary, ...words], folder, certificate)

export const goClient =
  (binary: string): RunClient =>
  (spec, _folder, release) =>
    runProgram([binary], spec, release)
