import { type CoverageRow, nameOf, roleOf } from './row.ts'

/** A line of the page. */
export interface Line {
  readonly row: CoverageRow
  readonly version: string
}

/** Rows that came out right under another kernel. */
export interface Guest {
  /** As the page says it: kernel, hooks, date and commit. */
  readonly about: string
  /** `6.1` */
  readonly kernel: string
  readonly names: ReadonlySet<string>
}

/** Begins what a run in a guest prints of itself. */
export const GUEST_LINE = 'coverage in a guest: '

const HEAD = [
  'program',
  'version',
  'role',
  'TLS',
  'stripped',
  'weir',
  'guests',
  'OBI, as documented',
]
const VERSION = HEAD.indexOf('version')
const GUESTS = HEAD.indexOf('guests')

/** What a row came out as. */
export const outcomeOf = ({ unread }: CoverageRow): string =>
  unread === undefined
    ? 'every request is one right span'
    : `not readable (${unread}): measured by connection`

const cellsOf = ({ row, version }: Line, guests: readonly Guest[]): string[] => [
  row.program,
  version,
  roleOf(row),
  row.tls === '' ? 'none' : row.tls,
  row.tls === '' ? '' : row.stripped ? 'yes' : 'no',
  outcomeOf(row),
  kernelsOf(nameOf(row), guests),
  row.obi,
]

const kernelsOf = (name: string, guests: readonly Guest[]): string =>
  guests
    .filter(({ names }) => names.has(name))
    .map(({ kernel }) => kernel)
    .join(', ')

const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** docs/coverage.md. `when`: the date, the kernel and the commit of the run. */
export function coveragePage(
  lines: readonly Line[],
  when: string,
  guests: readonly Guest[],
): string {
  return `# What is read, and what is not

Each line is a real program that \`npm run coverage\` started under weir: its requests were held against its spans, one by one, and what
cannot be read against what weir says of it. \`npm test\` plays a part of the lines and fails where one comes out otherwise. "Stripped": what
encrypts has no symbols but those that it exports. The last column is what OBI's documentation says of that kind of program; it was not
run here.

Every line was played on the machine's own kernel, which the next line names. Column "guests" has the other kernels under which it came out the
same (\`npm run coverage:guest\`, emulated machines, so only what is read by probes is played there, and of most programs one version;
nothing: not played there yet, or not right). Beyond it the tests play other
requests of nginx, Node and Python as servers and of curl, Node and Python as clients under 5.10, 6.1 and 6.12, plain and by TLS, in each
family of hooks ([kernel-support.md](kernel-support.md)).

${[`Made by that run, do not edit: ${when}.`, ...guests.map(guestText)].join('\n')}

${[HEAD, HEAD.map(() => '---'), ...lines.map((line) => cellsOf(line, guests))].map(lineOf).join('\n')}

What is not readable is measured by connection: \`weir.tls.client.connection.duration\` and \`weir.tls.server.connection.duration\`, with
sizes, peer, library, TLS version and, of clients, the protocols that they offer. \`weir explain\` names the library and the reason.
`
}

const guestText = ({ kernel, about, names }: Guest) =>
  `Guest ${kernel}: ${about}, ${names.size} lines.`

/** What a page says of guests. */
export function guestsOf(page: string): readonly Guest[] {
  const found = page.matchAll(/^Guest ([\d.]+): (.*), \d+ lines\.$/gm)
  return [...found].map(([, kernel = '', about = '']) => ({
    kernel,
    about,
    names: new Set(
      tableOf(page)
        .filter((cells) => cells[GUESTS]?.split(', ').includes(kernel))
        .map(nameIn),
    ),
  }))
}

/** `nameOf` a row that encrypts, by its cells. */
const nameIn = ([program, , role, tls]: readonly string[]) => `${program}, ${role}, ${tls}`

/** The same page with another run in that guest. */
export function withGuest(page: string, guest: Guest): string {
  const others = guestsOf(page).filter(({ kernel }) => kernel !== guest.kernel)
  const guests = [...others, guest].sort((a, b) => (a.kernel < b.kernel ? -1 : 1))
  const lines = page.split('\n').filter((line) => !line.startsWith('Guest '))
  const made = lines.findIndex((line) => line.startsWith('Made by that run'))
  lines.splice(made + 1, 0, ...guests.map(guestText))
  return lines.map((line) => withCell(line, guests)).join('\n')
}

function withCell(line: string, guests: readonly Guest[]): string {
  const [cells] = tableOf(line)
  if (cells === undefined) return line
  return lineOf(cells.with(GUESTS, kernelsOf(nameIn(cells), guests)))
}

/** The cells of the lines of its table, without the head. */
const tableOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([program]) => program !== HEAD[0])

/** Whether the page says of the row what the row says of itself. */
export function pageHas(page: string, row: CoverageRow): boolean {
  const own = cellsOf({ row, version: '' }, [])
  const isKept = (_: string, i: number) => i !== VERSION && i !== GUESTS
  const text = own.filter(isKept).join('|')
  return tableOf(page).some((cells) => cells.filter(isKept).join('|') === text)
}

/** For messages. */
export const describeRow = (row: CoverageRow): string => `${nameOf(row)}: ${outcomeOf(row)}`
