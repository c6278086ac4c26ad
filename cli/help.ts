import type { Flags, Verb } from './verb.ts'
import { VERBS } from './verbs.ts'

const INDENT = '  '
const GLOBAL: Flags = {
  help: { short: 'h', about: 'Print this help; after a verb, the help of that verb.' },
  version: { short: 'v', about: 'Print the version.' },
}

/** The help of weir, or of one verb. `bold` marks headings. */
export function helpText(verb: Verb | undefined, bold: (text: string) => string): string {
  return verb === undefined ? overview(bold) : verbHelp(verb, bold)
}

function overview(bold: (text: string) => string): string {
  return [
    'weir watches every program of this machine through eBPF and sends what it sees as OpenTelemetry.',
    `${bold('Usage:')} weir [verb] [flags]`,
    section(
      bold('Verbs:'),
      VERBS.map((verb) => [verb.name, verb.summary]),
    ),
    section(bold('Flags:'), rows(GLOBAL)),
    section(bold('Examples:'), [
      ['sudo weir', 'each request as a line on the terminal'],
      ['sudo weir --config agent.yaml', "the Collector's YAML"],
      ['weir validate --config agent.yaml', 'every mistake in it, with line and column'],
    ]),
  ].join('\n\n')
}

function verbHelp(verb: Verb, bold: (text: string) => string): string {
  const more = verb.repeatsWord === true ? ' ...' : ''
  const words = (verb.words ?? []).map((word) => ` [${word}]${more}`).join('')
  return [
    `${verb.summary}.`,
    `${bold('Usage:')} weir ${verb.name} [flags]${words}`,
    ...(verb.details === undefined ? [] : [verb.details]),
    section(
      bold('Flags:'),
      rows({ ...verb.flags, help: { short: 'h', about: 'Print this help.' } }),
    ),
  ].join('\n\n')
}

type Row = readonly [left: string, right: string]

const rows = (flags: Flags): readonly Row[] =>
  Object.entries(flags).map(([name, { short, value, about, repeatable }]) => [
    `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    repeatable ? `${about} Repeatable.` : about,
  ])

function section(title: string, lines: readonly Row[]): string {
  const width = Math.max(...lines.map(([left]) => left.length))
  return [title, ...lines.map(([left, right]) => `${INDENT}${left.padEnd(width)}  ${right}`)].join(
    '\n',
  )
}
