import { ConfigError } from '../config/issue.ts'
import { helpText } from './help.ts'
import { parseCommandLine, type Request } from './parse.ts'
import { UsageError } from './verb.ts'
import { version } from './version.ts'

/** Runs one command line and gives the exit code: 0 done, 1 it could not be done, 2 not understood. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    return await serve(parseCommandLine(argv))
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function serve(request: Request): Promise<number> {
  if (request.kind === 'verb') return request.verb.run(request.args)
  const text =
    request.kind === 'version' ? `weir version ${version()}` : helpText(request.verb, bold)
  process.stdout.write(`${text}\n`)
  return 0
}

const bold = (text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? `\x1b[1m${text}\x1b[22m` : text

/** What went wrong in the words of its message; a stack is shown for what nobody foresaw. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Error: invalid configuration:\n${error.message}`
  if (!(error instanceof Error)) return `Error: ${String(error)}`
  const known = 'code' in error || error.cause !== undefined
  const text = known ? error.message : (error.stack ?? error.message)
  const hint = hintOf(error)
  return hint === undefined ? `Error: ${text}` : `Error: ${text}\n  hint: ${hint}`
}

/** The first hint along the causes of an error. */
function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return 'hint' in error && typeof error.hint === 'string' ? error.hint : hintOf(error.cause)
}

/** A reader that went away, as `weir components | head` does, is no error of ours; a full disk is one, said once. */
let isOutputLost = false
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE' || isOutputLost) return
  isOutputLost = true
  process.exitCode = 1
  process.stderr.write(`Error: write to standard output: ${message}\n`)
})
process.stderr.on('error', () => undefined) // there is no place left to say it

const code = await main(process.argv.slice(2))
process.exitCode ||= code
