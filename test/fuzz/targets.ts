import { fuzzHttp1 } from './http1.ts'
import { fuzzHttp1Plain } from './http1_plain.ts'
import type { Random } from './random.ts'
import { fuzzTraceContext, fuzzUrl } from './text.ts'

/** Everything that reads what others wrote: one line each. A target plays one input, and throws if anything is wrong. */
export const FUZZ_TARGETS: Readonly<Record<string, (from: Random) => void>> = {
  http1: fuzzHttp1,
  http1_plain: fuzzHttp1Plain,
  trace_context: fuzzTraceContext,
  url: fuzzUrl,
}
