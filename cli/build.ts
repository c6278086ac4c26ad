import { ConfigError } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import { originOf } from '../config/validate.ts'
import { Graph } from '../pipeline/graph.ts'
import { BuildError, type Host } from '../pipeline/graph_node.ts'

/** The graph of a configuration. Throws `ConfigError` at the component that cannot be built. */
export function buildGraph({ pipelines, root }: Configuration, host: Host): Graph {
  try {
    return new Graph(pipelines, host)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const { kind, id } = error.instance
    const path = [`${kind}s`, id]
    const origin = originOf(root, path)
    throw new ConfigError([{ severity: 'error', origin, path, message: error.message }])
  }
}
