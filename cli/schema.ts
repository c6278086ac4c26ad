import { configurationSchema } from '../config/json_schema.ts'
import { registry } from './configuration.ts'

/** Prints the JSON Schema of the whole file. */
export async function run(): Promise<number> {
  await registry.loadAll()
  process.stdout.write(`${JSON.stringify(configurationSchema(registry), null, 2)}\n`)
  return 0
}
