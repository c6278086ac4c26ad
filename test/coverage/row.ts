import { join } from 'node:path'
import type { ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import type { Server } from '../truth/programs.ts'

/** What a row's programs are started with. */
export interface Stage {
  /** An empty folder of the row's own. */
  readonly folder: string
  /** PEM files. */
  readonly certificate: { readonly cert: string; readonly key: string }
  /** What weir has said of the process that the launcher started, once it satisfies. */
  readonly told: (satisfies: (report: ProcessReport) => boolean) => Promise<void>
}

/** A program, and how it encrypts: a line of docs/coverage.md. */
export interface CoverageRow {
  readonly program: string
  /** What encrypts, as the page names it; '' for plain HTTP. */
  readonly tls: string
  /** Whether what encrypts has no symbols but those that it exports. */
  readonly stripped: boolean
  /** What weir calls the library of connections that it cannot read; undefined: every request is a span. */
  readonly unread?: string
  /** What OBI says of it in its documentation. */
  readonly obi: string
  /** Played by `npm test`, too. */
  readonly small: boolean
  /** Rejects where the program is not there. */
  version(): Promise<string>
  /** A server that answers nothing else. */
  readonly onlyGets?: boolean
  /** A row has one of these: a server that is asked, or a client that asks for each path and ends. */
  readonly serve?: (
    stage: Stage,
    launcher: readonly string[],
  ) => Promise<Pick<Server, 'port' | 'stop'>>
  readonly ask?: (
    stage: Stage,
    launcher: readonly string[],
    base: string,
    paths: readonly string[],
  ) => Promise<void>
}

export const roleOf = (row: CoverageRow): 'server' | 'client' =>
  row.serve === undefined ? 'client' : 'server'

/** What another kernel could do otherwise: probes. */
export const isForGuests = ({ tls, unread }: CoverageRow): boolean =>
  tls !== '' && unread === undefined

/** The same whatever versions are played. */
export const nameOf = (row: CoverageRow): string =>
  `${row.program}, ${roleOf(row)}, ${row.tls === '' ? 'plain' : row.tls}`

/** As the name of its service, and in paths. */
export const idOf = (row: CoverageRow): string => nameOf(row).replaceAll(/\W+/g, '_').toLowerCase()

/** The process that a launcher has become. */
export const pidFile = (folder: string): string => join(folder, 'pid')

/** Starts what follows with a clean environment, in which it is named after its row. */
export const launcherOf = (row: CoverageRow, folder: string): readonly string[] => [
  ...['sh', '-c', 'echo $$ >"$0"; exec "$@"', pidFile(folder)],
  ...['env', '-i', `PATH=${process.env['PATH'] ?? ''}`, `HOME=${process.env['HOME'] ?? ''}`],
  `OTEL_SERVICE_NAME=${idOf(row)}`,
]
