import { type ThriftInput, ThriftType } from './thrift.ts'

/** The structs of a list. */
export function listOf<T, I extends ThriftInput>(reader: I, read: (reader: I) => T): T[] {
  const values: T[] = []
  for (let left = reader.list(ThriftType.struct); left > 0; left--) {
    if (reader.fault === undefined) values.push(read(reader))
  }
  return values
}

/** Calls what stands for each field's id and type, and passes over the others. */
export function struct(reader: ThriftInput, fields: Readonly<Record<string, () => void>>): void {
  const { stop } = ThriftType
  reader.begin()
  for (let { id, type } = reader.field(); type !== stop; { id, type } = reader.field()) {
    const read = fields[`${id} ${type}`]
    if (read === undefined) reader.skip(type)
    else read()
  }
  reader.end()
}

/** 16 digits of an id. */
export const hexOf = (value: bigint): string =>
  BigInt.asUintN(64, value).toString(16).padStart(16, '0')
