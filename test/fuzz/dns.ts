import assert from 'node:assert/strict'
import { Lookups } from '../../receivers/ebpf/protocols/dns/lookups.ts'
import { parseMessage } from '../../receivers/ebpf/protocols/dns/parse.ts'
import * as dns from '../../receivers/ebpf/protocols/dns/testing.ts'
import { NO_SERVICES } from '../../receivers/ebpf/testing.ts'
import { parentBasedAlwaysOn } from '../../receivers/ebpf/trace_context/sampling.ts'
import { checkSpan } from './http1.ts'
import { mutate, type Random } from './random.ts'

const SEEDS: readonly [Buffer, ...Buffer[]] = [
  dns.message({ name: 'a.b.test', additional: [dns.opt()] }),
  dns.message({
    name: 'a.b.test',
    flags: dns.RESPONSE,
    answers: [dns.record(5, dns.name('c.test')), dns.record(1, Buffer.from([10, 1, 2, 3]))],
    additional: [dns.opt(1)],
  }),
  dns.message({ name: 'a.b.test', flags: dns.RESPONSE | dns.TRUNCATED }),
]
const ENDS = { localAddress: '10.0.0.1', localPort: 4711, peerAddress: '10.0.0.2', peerPort: 53 }
const DATAGRAMS = 12

const host = {
  emit: checkSpan,
  count: () => undefined,
  verdict: () => undefined,
  unixTime: (ns: number) => [1_700_000_000, ns] as const,
  ...NO_SERVICES,
}

/** Datagrams like those of a lookup: no throw, no span without sense, and nothing is left waiting. */
export function fuzzDatagrams(from: Random): void {
  const lookups = new Lookups({ spans: true, timeoutNs: 3, sample: parentBasedAlwaysOn })
  for (let ns = 1; ns <= DATAGRAMS; ns++) {
    const message = parseMessage(mutate(from, from.pick(SEEDS)))
    if (message === undefined) continue
    assert.ok(message.name.length <= 1024 && message.answers.length <= 32)
    const ends = { ...ENDS, role: from.chance(4) ? 'server' : 'client' } as const
    const transport = from.chance(6) ? 'tcp' : 'udp'
    const seen = { kind: 'message', message, ends, transport, connection: 0, tgid: 1 } as const
    lookups.hold({ ...seen, ns: from.below(DATAGRAMS) }, host)
    if (from.chance(3)) lookups.settle(ns, host, () => 0)
  }
  lookups.close(host)
  assert.equal(lookups.size, 0)
}
