import type { AnyValue, Attribute, Attributes } from '../data/attributes.ts'
import type { EntityRef, Resource, Scope } from '../data/resource.ts'
import type { UnixTime } from '../data/time.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { fixed64, len, varint } from './wire.ts'

const KEY = len(1)
const VALUE = len(2)
const ANY = {
  string: len(1),
  bool: varint(2),
  int: varint(3),
  double: fixed64(4),
  array: len(5),
  kvlist: len(6),
  bytes: len(7),
}
const LIST_VALUES = len(1)

/** Fields that are left out when they hold their default, as proto3 has it. */
export function text(w: ProtobufWriter, tag: number, value: string): void {
  if (value !== '') w.string(tag, value)
}

export function hex(w: ProtobufWriter, tag: number, value: string): void {
  if (value !== '') w.hex(tag, value)
}

export function count(w: ProtobufWriter, tag: number, value: number): void {
  if (value !== 0) w.uint32(tag, value)
}

export function time(w: ProtobufWriter, tag: number, value: UnixTime): void {
  if (value[0] !== 0 || value[1] !== 0) w.time(tag, value)
}

export function encodeAttributes(w: ProtobufWriter, tag: number, attributes: Attributes): void {
  for (const attribute of attributes) encodeAttribute(w, tag, attribute)
}

export function encodeAttribute(w: ProtobufWriter, tag: number, { key, value }: Attribute): void {
  const start = w.begin(tag, 1)
  text(w, KEY, key)
  encodeAnyValue(w, VALUE, value)
  w.end(start, 1)
}

export function encodeAnyValue(w: ProtobufWriter, tag: number, any: AnyValue): void {
  const start = w.begin(tag, 1)
  switch (any.kind) {
    case 'string':
      w.string(ANY.string, any.value)
      break
    case 'int':
      w.int64(ANY.int, any.value)
      break
    case 'bool':
      w.bool(ANY.bool, any.value)
      break
    case 'double':
      w.double(ANY.double, any.value)
      break
    case 'bytes':
      w.bytes(ANY.bytes, any.value)
      break
    case 'array':
      encodeArray(w, any.value)
      break
    case 'kvlist':
      encodeKvlist(w, any.value)
      break
    case 'empty':
      break
  }
  w.end(start, 1)
}

function encodeArray(w: ProtobufWriter, values: readonly AnyValue[]): void {
  const start = w.begin(ANY.array, 1)
  for (const value of values) encodeAnyValue(w, LIST_VALUES, value)
  w.end(start, 1)
}

function encodeKvlist(w: ProtobufWriter, values: Attributes): void {
  const start = w.begin(ANY.kvlist, 1)
  encodeAttributes(w, LIST_VALUES, values)
  w.end(start, 1)
}

export function encodeResource(w: ProtobufWriter, tag: number, resource: Resource): void {
  const start = w.begin(tag, 2)
  encodeAttributes(w, len(1), resource.attributes)
  count(w, varint(2), resource.droppedAttributesCount)
  for (const ref of resource.entityRefs ?? []) encodeEntityRef(w, len(3), ref)
  w.end(start, 2)
}

function encodeEntityRef(w: ProtobufWriter, tag: number, ref: EntityRef): void {
  const start = w.begin(tag, 1)
  text(w, len(1), ref.schemaUrl)
  text(w, len(2), ref.type)
  for (const key of ref.idKeys) w.string(len(3), key)
  for (const key of ref.descriptionKeys) w.string(len(4), key)
  w.end(start, 1)
}

export function encodeScope(w: ProtobufWriter, tag: number, scope: Scope): void {
  const start = w.begin(tag, 1)
  text(w, len(1), scope.name)
  text(w, len(2), scope.version)
  encodeAttributes(w, len(3), scope.attributes)
  count(w, varint(4), scope.droppedAttributesCount)
  w.end(start, 1)
}
