import { components } from '../components.ts'
import { enabledGates } from '../config/gates.ts'
import { type Configuration, type ReadOptions, readConfiguration } from '../config/read.ts'
import { Registry } from '../config/registry.ts'
import { type Arguments, valuesOf } from './verb.ts'

export const registry = new Registry(components)

/** Which configuration the flags mean. Throws `ConfigError` for a feature gate that there is not. */
export const readOptions = (args: Arguments): ReadOptions => ({
  uris: valuesOf(args, 'config'),
  sets: valuesOf(args, 'set'),
  gates: enabledGates(valuesOf(args, 'feature-gates')),
  skipUnsupported: args.flags['skip-unsupported'] === true,
  env: process.env,
})

/** The configuration that the flags mean, read whole. Rejects with `ConfigError`. */
export const configurationOf = async (args: Arguments): Promise<Configuration> =>
  readConfiguration(readOptions(args), registry)
