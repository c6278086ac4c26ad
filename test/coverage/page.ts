import { type CoverageRow, nameOf, roleOf } from './row.ts'

/** A line of the page. */
export interface Line {
  readonly row: CoverageRow
  readonly version: string
}

const HEAD = ['program', 'version', 'role', 'TLS', 'stripped', 'weir', 'OBI, as documented']

/** What a row came out as. */
export const outcomeOf = ({ unread }: CoverageRow): string =>
  unread === undefined
    ? 'every request is one right span'
    : `not readable (${unread}): measured by connection`

const cellsOf = ({ row, version }: Line): string[] => [
  row.program,
  version,
  roleOf(row),
  row.tls === '' ? 'none' : row.tls,
  row.tls === '' ? '' : row.stripped ? 'yes' : 'no',
  outcomeOf(row),
  row.obi,
]

const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** docs/coverage.md. `when`: the date, the kernel and the commit of the run. */
export function coveragePage(lines: readonly Line[], when: string): string {
  return `# What is read, and what is not

Each line is a real program that \`npm run coverage\` started under weir: its requests were held against its spans, one by one, and what
cannot be read against what weir says of it. \`npm test\` plays a part of the lines and fails where one comes out otherwise. "Stripped": what
encrypts has no symbols but those that it exports. The last column is what OBI's documentation says of that kind of program; it was not
run here.

Every line was played on the machine's own kernel, which the next line names. Under 5.10, 6.1 and 6.12, in guests, the tests play other requests of
nginx, Node and Python as servers and of curl, Node and Python as clients, plain and by TLS, in each family of hooks
([kernel-support.md](kernel-support.md)). Played nowhere so far: TLS whose records the kernel makes (nginx's \`Options KTLS\`).

Made by that run, do not edit: ${when}.

${[HEAD, HEAD.map(() => '---'), ...lines.map(cellsOf)].map(lineOf).join('\n')}

What is not readable is measured by connection: \`weir.tls.client.connection.duration\` and \`weir.tls.server.connection.duration\`, with
sizes, peer, library, TLS version and, of clients, the protocols that they offer. \`weir explain\` names the library and the reason.
`
}

/** Whether the page says of the row what the row says of itself. */
export function pageHas(page: string, row: CoverageRow): boolean {
  const [program, , ...rest] = cellsOf({ row, version: '' })
  return page.split('\n').some((line) => {
    const [first, , ...others] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return first === program && others.join('|') === rest.map((cell) => cell.trim()).join('|')
  })
}

/** For messages. */
export const describeRow = (row: CoverageRow): string => `${nameOf(row)}: ${outcomeOf(row)}`
