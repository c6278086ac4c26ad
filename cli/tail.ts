import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { coloured, plain, spanLine } from '../exporters/console/line.ts'
import { JsonReader } from '../pipeline/codec/json_reader.ts'
import { tracesCodec } from '../pipeline/codec/signal_codec.ts'
import { parseFilter, type SpanFilter } from './span_filter.ts'
import { viewsOf } from './span_view.ts'
import { askAgent, socketOf } from './status_client.ts'
import { untilInterrupted } from './until_interrupted.ts'
import type { Arguments } from './verb.ts'

const RETRY_MS = 500

type Print = (line: string) => void

/** Prints spans as they leave the running agent, and waits for the next one when it ends. Until it is interrupted. */
export async function run(args: Arguments): Promise<number> {
  const filters = args.words.map(parseFilter)
  const print = printer(filters, args.flags['json'] === true)
  const interrupted = untilInterrupted()
  let told = ''
  const tell = (message: string) => {
    if (message !== told) process.stderr.write(`${message}\n`)
    told = message
  }
  while (!interrupted.aborted) {
    const response = await askAgent(socketOf(args), '/v1/tail')
    if (response === undefined) {
      tell('No agent runs: waiting for one.')
      await wait(RETRY_MS, undefined, { signal: interrupted }).catch(() => undefined)
      continue
    }
    tell('Listening to the agent.')
    interrupted.addEventListener('abort', () => response.destroy())
    await untilOver(response, print)
    told = ''
  }
  return 0
}

/** The agent may be killed in the middle of a line, and we may be interrupted: that is its end, too. */
function untilOver(response: IncomingMessage, print: Print): Promise<void> {
  const lines = createInterface({ input: response }).on('line', print)
  for (const source of [lines, response]) source.on('error', () => undefined) // 'close' follows
  return new Promise((resolve) => response.once('close', resolve))
}

function printer(filters: readonly SpanFilter[], json: boolean): Print {
  const paint = process.stdout.isTTY && !process.env['NO_COLOR'] ? coloured : plain
  return (line) => {
    const data: unknown = JSON.parse(line)
    if (typeof data === 'object' && data !== null && 'missed' in data) {
      process.stderr.write(`${String(data.missed)} spans were left out: this reader is too slow.\n`)
      return
    }
    const resource = tracesCodec.fromJson(new JsonReader(data, ''), { tooDeep: 0 })
    for (const [view, span] of viewsOf(resource)) {
      if (!filters.every((filter) => filter(view))) continue
      process.stdout.write(json ? `${JSON.stringify(view)}\n` : spanLine(span, view.service, paint))
    }
  }
}
