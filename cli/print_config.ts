import { Document, isScalar, type Node } from 'yaml'
import { type Expanded, isList, isMap, place, toPlain } from '../config/expanded.ts'
import { ConfigError, formatIssue } from '../config/issue.ts'
import { namedTypes } from '../config/named_types.ts'
import { loadTree, readConfiguration } from '../config/read.ts'
import { redact } from '../config/redact.ts'
import { readOptions, registry } from './configuration.ts'
import { type Arguments, textOf, UsageError } from './verb.ts'

/** Prints what a configuration came to, before defaults. It may be wrong as long as it can be read. */
export async function run(args: Arguments): Promise<number> {
  const format = oneOf(args, 'format', ['yaml', 'json'])
  const mode = oneOf(args, 'mode', ['redacted', 'unredacted'])
  const origins = args.flags['origins'] === true
  if (origins && format === 'json') {
    throw new UsageError('--origins has no place in JSON', 'leave --format out')
  }
  const options = readOptions(args)
  if (args.flags['validate'] === true) await readConfiguration(options, registry)
  const { root, issues } = await loadTree(options)
  const errors = issues.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new ConfigError(errors)
  for (const issue of issues) process.stderr.write(`${formatIssue(issue)}\n`)
  await registry.load(namedTypes(root))
  const shown = mode === 'redacted' ? redact(root, registry) : root
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(toPlain(shown), null, 2)}\n` : toYaml(shown, origins),
  )
  return 0
}

function oneOf<T extends string>(args: Arguments, flag: string, names: readonly [T, ...T[]]): T {
  const given = textOf(args, flag) ?? names[0]
  const name = names.find((candidate) => candidate === given)
  if (name !== undefined) return name
  throw new UsageError(`--${flag}: unknown value "${given}"`, `allowed are ${names.join(', ')}`)
}

/** With origins, a comment after each value says where it came from. */
function toYaml(root: Expanded, origins: boolean): string {
  const document = new Document()
  document.contents = nodeOf(document, root, origins)
  return document.toString({ lineWidth: 0 })
}

function nodeOf(document: Document, node: Expanded, origins: boolean): Node {
  const { value, origin } = node
  if (isList(value) && value.every((item) => !isMap(item.value) && !isList(item.value))) {
    return commented(document.createNode(toPlain(node), { flow: true }), node, origins)
  }
  if (isList(value)) {
    return document.createNode(value.map((item) => nodeOf(document, item, origins)))
  }
  if (isMap(value) && value.size > 0) {
    const entries = [...value].map(([key, entry]) => [key, nodeOf(document, entry.node, origins)])
    return document.createNode(new Map(entries as [string, Node][]))
  }
  return commented(document.createNode(toPlain(node)), { value, origin }, origins)
}

function commented(yaml: Node, { origin }: Expanded, origins: boolean): Node {
  if (!origins) return yaml
  const via = origin.via === undefined ? '' : `, from ${origin.via}`
  yaml.comment = ` ${place(origin)}${via}`
  if (isScalar(yaml) && yaml.value === null) yaml.source = ''
  return yaml
}
