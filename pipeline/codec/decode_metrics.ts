import type { Attribute } from '../data/attributes.ts'
import type { Metric, MetricData, ResourceMetrics, ScopeMetrics } from '../data/metrics.ts'
import { decodeAttribute, fields } from './decode_common.ts'
import {
  decodeExponentialPoint,
  decodeHistogramPoint,
  decodeNumberPoint,
  decodeSummaryPoint,
} from './decode_points.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import { decodeResourceItems, decodeScopeItems } from './resource_items.ts'
import { len, varint } from './wire.ts'

const METRIC = fields(1, 2, 3, 5, 7, 9, 10, 11, 12)
const SUM = fields(1, 2, 3)
const HISTOGRAM = fields(1, 2)
const POINTS_ONLY = fields(1)

/** Reads the body of a ResourceMetrics, to the end of `r`. */
export function decodeResourceMetrics(r: ProtobufReader): ResourceMetrics {
  const { resource, members, schemaUrl } = decodeResourceItems(r, decodeScopeMetrics)
  return { resource, scopeMetrics: members, schemaUrl }
}

function decodeScopeMetrics(r: ProtobufReader): ScopeMetrics {
  const { scope, members, schemaUrl } = decodeScopeItems(r, decodeMetric)
  return { scope, metrics: members, schemaUrl }
}

function decodeMetric(r: ProtobufReader): Metric {
  let name = ''
  let description = ''
  let unit = ''
  const metadata: Attribute[] = []
  let data: MetricData = { kind: 'empty', points: [] }
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) name = r.string()
    else if (tag === len(2)) description = r.string()
    else if (tag === len(3)) unit = r.string()
    else if (tag === len(12)) decodeAttribute(r, metadata)
    else data = decodeData(r, tag, data)
  }
  r.leave(outer)
  return { name, description, unit, metadata, data }
}

function decodeData(r: ProtobufReader, tag: number, data: MetricData): MetricData {
  switch (tag) {
    case len(5):
      return { kind: 'gauge', points: decodeKind(r, decodeNumberPoint, POINTS_ONLY).points }
    case len(7):
      return { kind: 'sum', ...decodeKind(r, decodeNumberPoint, SUM) }
    case len(9): {
      const { points, temporality } = decodeKind(r, decodeHistogramPoint, HISTOGRAM)
      return { kind: 'histogram', points, temporality }
    }
    case len(10): {
      const { points, temporality } = decodeKind(r, decodeExponentialPoint, HISTOGRAM)
      return { kind: 'exponential_histogram', points, temporality }
    }
    case len(11):
      return { kind: 'summary', points: decodeKind(r, decodeSummaryPoint, POINTS_ONLY).points }
    default:
      r.skip(tag, METRIC)
      return data
  }
}

/** The five kinds share their fields: points, and as far as `known` says temporality and whether it is monotonic. */
function decodeKind<P>(r: ProtobufReader, decodePoint: (r: ProtobufReader) => P, known: number) {
  const points: P[] = []
  let temporality = 0
  let monotonic = false
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) points.push(decodePoint(r))
    else if (tag === varint(2) && known !== POINTS_ONLY) temporality = r.int32()
    else if (tag === varint(3) && known === SUM) monotonic = r.bool()
    else r.skip(tag, known)
  }
  r.leave(outer)
  return { points, temporality, monotonic }
}
