import type { Arguments, Parameter, Signature } from './arguments.ts'
import type { Edit, Get } from './frame.ts'

export interface FunctionSpec extends Signature {
  /** Checks what can be checked, once; what it gives runs for each item. */
  readonly compile: (args: Arguments) => Get | Edit
}

export type Functions = ReadonlyMap<string, FunctionSpec>

export const converter = (
  name: string,
  parameters: readonly Parameter[],
  compile: (args: Arguments) => Get,
): FunctionSpec => ({ name, parameters, compile })

export const editor = (
  name: string,
  parameters: readonly Parameter[],
  compile: (args: Arguments) => Edit,
): FunctionSpec => ({ name, parameters, compile })

export const functionsOf = (...lists: readonly (readonly FunctionSpec[])[]): Functions =>
  new Map(lists.flat().map((spec) => [spec.name, spec]))
