import { Protocol } from '../../bpf/events.gen.ts'
import { chunkProtocols, PROTOCOL_DEFAULTS } from '../../receivers/ebpf/protocols/table.ts'
import { fuzzChunks } from './chunks.ts'
import { CONVERSATIONS } from './conversations.ts'
import { fuzzDatagrams } from './dns.ts'
import { fuzzHttp1 } from './http1.ts'
import { fuzzHttp1Plain } from './http1_plain.ts'
import { fuzzHttp2Plain } from './http2_plain.ts'
import type { Random } from './random.ts'
import { fuzzTraceContext, fuzzUrl } from './text.ts'
import { fuzzTlsHello } from './tls_hello.ts'

/** The protocols that are read as chunks, by the name of their folder, and ways of theirs by that and a name of their own. */
const chunkTargets = chunkProtocols(PROTOCOL_DEFAULTS).flatMap(({ id, open, begins }) => {
  const name =
    Object.entries(Protocol)
      .find(([, value]) => value === id)?.[0]
      .toLowerCase() ?? ''
  const ways = Object.entries(CONVERSATIONS).filter(([way]) => `${way}_`.startsWith(`${name}_`))
  if (ways.length === 0) throw new Error(`test/fuzz/conversations.ts: nothing of ${name}`)
  return ways.map(([way, said]) => [way, fuzzChunks(open, begins, said)] as const)
})

/** Everything that reads what others wrote: one line each. A target plays one input, and throws if anything is wrong. */
export const FUZZ_TARGETS: Readonly<Record<string, (from: Random) => void>> = {
  http1: fuzzHttp1,
  http1_plain: fuzzHttp1Plain,
  http2_plain: fuzzHttp2Plain,
  trace_context: fuzzTraceContext,
  url: fuzzUrl,
  tls_hello: fuzzTlsHello,
  dns_datagrams: fuzzDatagrams,
  ...Object.fromEntries(chunkTargets),
}
