import type { AnyValue, Attribute } from '../data/attributes.ts'
import type { EntityRef, Resource, Scope } from '../data/resource.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import { fixed64, len, varint } from './wire.ts'

/** An AnyValue in an AnyValue ... : a deeper one costs the attribute that it is in. */
export const MAX_DEPTH = 64

/** The bits of field numbers, for `ProtobufReader.skip`. */
export const fields = (...numbers: readonly number[]): number =>
  numbers.reduce((bits, number) => bits | (1 << number), 0)

const KEY_VALUE = fields(1, 2)
const ANY_VALUE = fields(1, 2, 3, 4, 5, 6, 7)
const LIST = fields(1)
const RESOURCE = fields(1, 2, 3)
const ENTITY_REF = fields(1, 2, 3, 4)
const SCOPE = fields(1, 2, 3, 4)

export const EMPTY_VALUE: AnyValue = { kind: 'empty' }

/** Reads one KeyValue into `into`, unless it is nested too deep. */
export function decodeAttribute(r: ProtobufReader, into: Attribute[], depth = 0): void {
  const lost = r.tooDeep
  const outer = r.enter()
  let key = ''
  let value = EMPTY_VALUE
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) key = r.string()
    else if (tag === len(2)) value = decodeAnyValue(r, depth)
    else r.skip(tag, KEY_VALUE)
  }
  r.leave(outer)
  if (r.tooDeep === lost) into.push({ key, value })
}

/** Reads one AnyValue; one that is nested too deep counts in `tooDeep` and is empty. */
export function decodeAnyValue(r: ProtobufReader, depth = 0): AnyValue {
  const outer = r.enter()
  let value = EMPTY_VALUE
  if (depth >= MAX_DEPTH) r.tooDeep += 1
  else {
    for (let tag = r.tag(); tag !== 0; tag = r.tag()) value = decodeKind(r, tag, value, depth)
  }
  r.leave(outer)
  return value
}

function decodeKind(r: ProtobufReader, tag: number, value: AnyValue, depth: number): AnyValue {
  switch (tag) {
    case len(1):
      return { kind: 'string', value: r.string() }
    case varint(2):
      return { kind: 'bool', value: r.bool() }
    case varint(3):
      return { kind: 'int', value: r.int64() }
    case fixed64(4):
      return { kind: 'double', value: r.double() }
    case len(5):
      return { kind: 'array', value: decodeArray(r, depth) }
    case len(6):
      return { kind: 'kvlist', value: decodeKvlist(r, depth) }
    case len(7):
      return { kind: 'bytes', value: r.bytes() }
    default:
      r.skip(tag, ANY_VALUE)
      return value
  }
}

function decodeArray(r: ProtobufReader, depth: number): AnyValue[] {
  const values: AnyValue[] = []
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) values.push(decodeAnyValue(r, depth + 1))
    else r.skip(tag, LIST)
  }
  r.leave(outer)
  return values
}

function decodeKvlist(r: ProtobufReader, depth: number): Attribute[] {
  const values: Attribute[] = []
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) decodeAttribute(r, values, depth + 1)
    else r.skip(tag, LIST)
  }
  r.leave(outer)
  return values
}

export const NO_RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0 }

export function decodeResource(r: ProtobufReader): Resource {
  const attributes: Attribute[] = []
  const entityRefs: EntityRef[] = []
  let droppedAttributesCount = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) decodeAttribute(r, attributes)
    else if (tag === varint(2)) droppedAttributesCount = r.uint32()
    else if (tag === len(3)) entityRefs.push(decodeEntityRef(r))
    else r.skip(tag, RESOURCE)
  }
  r.leave(outer)
  const resource = { attributes, droppedAttributesCount }
  return entityRefs.length === 0 ? resource : { ...resource, entityRefs }
}

function decodeEntityRef(r: ProtobufReader): EntityRef {
  let schemaUrl = ''
  let type = ''
  const idKeys: string[] = []
  const descriptionKeys: string[] = []
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) schemaUrl = r.string()
    else if (tag === len(2)) type = r.string()
    else if (tag === len(3)) idKeys.push(r.string())
    else if (tag === len(4)) descriptionKeys.push(r.string())
    else r.skip(tag, ENTITY_REF)
  }
  r.leave(outer)
  return { schemaUrl, type, idKeys, descriptionKeys }
}

export const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 }

export function decodeScope(r: ProtobufReader): Scope {
  const attributes: Attribute[] = []
  let name = ''
  let version = ''
  let droppedAttributesCount = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) name = r.string()
    else if (tag === len(2)) version = r.string()
    else if (tag === len(3)) decodeAttribute(r, attributes)
    else if (tag === varint(4)) droppedAttributesCount = r.uint32()
    else r.skip(tag, SCOPE)
  }
  r.leave(outer)
  return { name, version, attributes, droppedAttributesCount }
}
