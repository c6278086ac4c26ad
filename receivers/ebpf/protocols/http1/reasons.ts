import type { Reason } from '../../reasons.ts'

/**
 * What HTTP/1 counts, numbers 3xx. A span that was seen in part carries one of these names as `weir.partial`.
 * Kinds are those of the receiver's own table.
 */
export const HTTP1_REASONS = {
  request_head_truncated: {
    number: 301,
    kind: 'note',
    text: 'a request head was longer than the capture: fields beyond it, as a traceparent, are not known',
    fix: 'raise receivers::ebpf::capture::request_head',
  },
  request_head_unseen: {
    number: 302,
    kind: 'lost',
    text: 'the beginning of a request was not captured: it came behind another in one call, or could not be read',
    fix: 'raise receivers::ebpf::capture::request_head',
  },
  response_head_unseen: {
    number: 303,
    kind: 'note',
    text: 'a response head was not captured: its span has no status',
    fix: 'raise receivers::ebpf::capture::response_head',
  },
  response_end_unknown: {
    number: 304,
    kind: 'note',
    text: 'a response that says its length only beyond the capture fell silent: its end is taken to be there',
    fix: 'raise receivers::ebpf::capture::response_head',
  },
  response_grew: {
    number: 305,
    kind: 'note',
    text: 'more came of a response that was taken to be over: its span is too short',
    fix: 'raise receivers::ebpf::capture::response_head',
  },
  gap: {
    number: 306,
    kind: 'note',
    text: 'bytes passed that no hook saw: the exchange that they touch is seen in part',
    fix: 'see ring_full and the rings of io_uring in the same list',
  },
  out_of_step: {
    number: 307,
    kind: 'lost',
    text: 'a request waited for its answer when the stream fell out of step: pairing it would be a guess',
    fix: 'see ring_full and the rings of io_uring in the same list',
  },
  response_unpaired: {
    number: 308,
    kind: 'note',
    text: 'a response came for which no request was seen: the request was before the agent, or the answer came unasked',
    fix: '',
  },
  not_http1: {
    number: 309,
    kind: 'note',
    text: 'a connection that began as HTTP/1 went on as something else',
    fix: '',
  },
  never_in_step: {
    number: 310,
    kind: 'note',
    text: 'a connection older than the agent, or with a gap, never showed the beginning of a request',
    fix: '',
  },
  upgraded: {
    number: 311,
    kind: 'note',
    text: 'a connection that left HTTP/1 by Upgrade or CONNECT',
    fix: '',
  },
  pipeline_too_deep: {
    number: 312,
    kind: 'lost',
    text: 'more requests than weir keeps waited for answers on one connection',
    fix: '',
  },
  request_unanswered: {
    number: 313,
    kind: 'note',
    text: 'a request was pipelined behind the last one that the server answered: nobody handled it',
    fix: '',
  },
  request_incomplete: {
    number: 314,
    kind: 'note',
    text: 'a connection ended inside a request head',
    fix: '',
  },
  evicted_exchange: {
    number: 315,
    kind: 'lost',
    text: 'the table of connections let a connection go whose request was not answered yet',
    fix: 'raise receivers::ebpf::connections::max',
  },
  evicted: {
    number: 316,
    kind: 'note',
    text: 'the table of connections let a connection go inside a response',
    fix: 'raise receivers::ebpf::connections::max',
  },
  unsampled: {
    number: 317,
    kind: 'skipped',
    text: 'the sampler dropped the exchange: as a rule, its parent is not sampled',
    fix: 'set OTEL_TRACES_SAMPLER if it should be kept',
  },
  grpc_web_unseen: {
    number: 318,
    kind: 'note',
    text: 'the end of a response of gRPC-Web was not captured: its span has no status',
    fix: '',
  },
} as const satisfies Record<string, Reason>

/** These, and two of the receiver's own. */
export type Http1Reason = keyof typeof HTTP1_REASONS | 'otlp_export' | 'protocol_unknown'

/** Why a span was seen only in part. */
export type PartialReason =
  | 'request_head_truncated'
  | 'response_head_unseen'
  | 'response_end_unknown'
  | 'gap'
  | 'evicted'
  | 'grpc_web_unseen'
