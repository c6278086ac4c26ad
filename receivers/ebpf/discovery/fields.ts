import type { Expanded } from '../../../config/expanded.ts'
import { show } from '../../../config/expanded.ts'
import { int, list, object } from '../../../config/fields.ts'
import { textOf } from '../../../config/scalars.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from '../../../config/schema.ts'
import { compileGlob } from './glob.ts'
import { type Ports, parsePorts } from './ports.ts'
import type { Selector } from './selection.ts'

class GlobSchema extends Schema<RegExp> {
  protected convert(node: Expanded, reader: Reader): RegExp | Invalid {
    const text = textOf(node)
    if (text === undefined || text === '') {
      return reader.error(`expected a glob like "*/nginx", got ${show(node)}`)
    }
    const glob = compileGlob(text)
    if (glob instanceof RegExp) return glob
    return reader.error(
      `expected a glob, got ${show(node)}: ${glob.message} at character ${glob.at + 1}`,
    )
  }

  protected shape(): JsonSchema {
    return { type: 'string', format: 'glob' }
  }
}

class PortsSchema extends Schema<Ports> {
  protected convert(node: Expanded, reader: Reader): Ports | Invalid {
    const text = typeof node.value === 'number' ? String(node.value) : textOf(node)
    const ports = parsePorts(text ?? '')
    if (typeof ports !== 'string') return ports
    return reader.error(`expected ports like "80,8000-8999", got ${show(node)}: ${ports}`)
  }

  protected shape(): JsonSchema {
    return { anyOf: [{ type: 'integer' }, { type: 'string' }] }
  }
}

const selector = object({
  open_ports: new PortsSchema()
    .describe('TCP ports it listens on: `80`, or a list with ranges, `80,8000-8999`.')
    .optional(),
  exe_path: new GlobSchema()
    .describe('Path of its executable, a glob whose `*` matches slashes too.')
    .optional(),
  cmd_args: new GlobSchema()
    .describe("Its arguments joined by spaces, with or without the program's name, a glob.")
    .optional(),
  target_pids: list(int().min(1))
    .describe('Process ids, as the host numbers them; empty for any.')
    .optional(),
})

/** The `discovery` section. */
export const discoveryFields = object({
  instrument: list(
    selector.check((entry) => isEmpty(entry) && 'an entry must name at least one criterion'),
  ).describe('Processes to watch: any entry, all fields of it. Empty: every process.'),
  exclude_instrument: list(
    selector.check((entry) => isEmpty(entry) && 'an entry must name at least one criterion'),
  ).describe('Processes not to watch, whatever `instrument` says.'),
})

interface SelectorConfig {
  readonly open_ports: Ports | undefined
  readonly exe_path: RegExp | undefined
  readonly cmd_args: RegExp | undefined
  readonly target_pids: readonly number[] | undefined
}

const isEmpty = (entry: SelectorConfig) =>
  (entry.open_ports ?? entry.exe_path ?? entry.cmd_args) === undefined &&
  (entry.target_pids ?? []).length === 0

/** An entry as the configuration has it, for Selection. */
export const selectorOf = (entry: SelectorConfig): Selector => ({
  ...(entry.open_ports && { openPorts: entry.open_ports }),
  ...(entry.exe_path && { exePath: entry.exe_path }),
  ...(entry.cmd_args && { cmdArgs: entry.cmd_args }),
  ...(entry.target_pids && entry.target_pids.length > 0 && { targetPids: entry.target_pids }),
})
