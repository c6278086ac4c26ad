import { coloured, plain, spanLine } from '../exporters/console/line.ts'
import { followAgent, missedText } from './agent_spans.ts'
import { parseFilters } from './span_filter.ts'
import { socketOf } from './status_client.ts'
import { untilInterrupted } from './until_interrupted.ts'
import type { Arguments } from './verb.ts'

/** Prints spans as they leave the running agent, and waits for the next one when it ends. Until it is interrupted. */
export async function run(args: Arguments): Promise<number> {
  const wanted = parseFilters(args.words)
  const json = args.flags['json'] === true
  const paint = process.stdout.isTTY && !process.env['NO_COLOR'] ? coloured : plain
  await followAgent(socketOf(args), untilInterrupted(), {
    span: (view, span) => {
      if (!wanted(view)) return
      process.stdout.write(json ? `${JSON.stringify(view)}\n` : spanLine(span, view.service, paint))
    },
    state: (message) => process.stderr.write(`${message}\n`),
    missed: (spans) => process.stderr.write(`${missedText(spans)}\n`),
  })
  return 0
}
