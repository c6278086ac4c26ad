import type { Attribute } from '../data/attributes.ts'
import type { UnixTime } from '../data/time.ts'
import type {
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
} from '../data/traces.ts'
import { decodeAttribute, fields } from './decode_common.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import { decodeResourceItems, decodeScopeItems } from './resource_items.ts'
import { fixed32, fixed64, len, varint } from './wire.ts'

const SPAN = fields(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
const EVENT = fields(1, 2, 3, 4)
const LINK = fields(1, 2, 3, 4, 5, 6)
const STATUS = fields(2, 3)

const UNSET: SpanStatus = { code: 0, message: '' }
const NO_TIME: UnixTime = [0, 0]

/** Reads the body of a ResourceSpans, to the end of `r`. */
export function decodeResourceSpans(r: ProtobufReader): ResourceSpans {
  const { resource, members, schemaUrl } = decodeResourceItems(r, decodeScopeSpans)
  return { resource, scopeSpans: members, schemaUrl }
}

function decodeScopeSpans(r: ProtobufReader): ScopeSpans {
  const { scope, members, schemaUrl } = decodeScopeItems(r, decodeSpan)
  return { scope, spans: members, schemaUrl }
}

function decodeSpan(r: ProtobufReader): Span {
  let traceId = ''
  let spanId = ''
  let parentSpanId = ''
  let traceState = ''
  let flags = 0
  let name = ''
  let kind = 0
  let start = NO_TIME
  let end = NO_TIME
  const attributes: Attribute[] = []
  let droppedAttributesCount = 0
  const events: SpanEvent[] = []
  let droppedEventsCount = 0
  const links: SpanLink[] = []
  let droppedLinksCount = 0
  let status = UNSET
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    switch (tag) {
      case len(1):
        traceId = r.id(16)
        break
      case len(2):
        spanId = r.id(8)
        break
      case len(3):
        traceState = r.string()
        break
      case len(4):
        parentSpanId = r.id(8)
        break
      case len(5):
        name = r.string()
        break
      case varint(6):
        kind = r.int32()
        break
      case fixed64(7):
        start = r.time()
        break
      case fixed64(8):
        end = r.time()
        break
      case len(9):
        decodeAttribute(r, attributes)
        break
      case varint(10):
        droppedAttributesCount = r.uint32()
        break
      case len(11):
        events.push(decodeEvent(r))
        break
      case varint(12):
        droppedEventsCount = r.uint32()
        break
      case len(13):
        links.push(decodeLink(r))
        break
      case varint(14):
        droppedLinksCount = r.uint32()
        break
      case len(15):
        status = decodeStatus(r)
        break
      case fixed32(16):
        flags = r.fixed32()
        break
      default:
        r.skip(tag, SPAN)
    }
  }
  r.leave(outer)
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState,
    flags,
    name,
    kind,
    start,
    end,
    attributes,
    droppedAttributesCount,
    events,
    droppedEventsCount,
    links,
    droppedLinksCount,
    status,
  }
}

function decodeEvent(r: ProtobufReader): SpanEvent {
  let time = NO_TIME
  let name = ''
  const attributes: Attribute[] = []
  let droppedAttributesCount = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(1)) time = r.time()
    else if (tag === len(2)) name = r.string()
    else if (tag === len(3)) decodeAttribute(r, attributes)
    else if (tag === varint(4)) droppedAttributesCount = r.uint32()
    else r.skip(tag, EVENT)
  }
  r.leave(outer)
  return { time, name, attributes, droppedAttributesCount }
}

function decodeLink(r: ProtobufReader): SpanLink {
  let traceId = ''
  let spanId = ''
  let traceState = ''
  const attributes: Attribute[] = []
  let droppedAttributesCount = 0
  let flags = 0
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) traceId = r.id(16)
    else if (tag === len(2)) spanId = r.id(8)
    else if (tag === len(3)) traceState = r.string()
    else if (tag === len(4)) decodeAttribute(r, attributes)
    else if (tag === varint(5)) droppedAttributesCount = r.uint32()
    else if (tag === fixed32(6)) flags = r.fixed32()
    else r.skip(tag, LINK)
  }
  r.leave(outer)
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags }
}

function decodeStatus(r: ProtobufReader): SpanStatus {
  let code = 0
  let message = ''
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(2)) message = r.string()
    else if (tag === varint(3)) code = r.int32()
    else r.skip(tag, STATUS)
  }
  r.leave(outer)
  return { code, message }
}
