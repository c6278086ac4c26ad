import { Stat } from '../../bpf/events.gen.ts'
import type { BpfMap } from '../../native/bpf_map.ts'
import type { Reason } from './reasons.ts'

type NamedReason = Reason & { readonly name: string }

const stat = (
  name: string,
  number: number,
  kind: Reason['kind'],
  text: string,
  fix = '',
): NamedReason => ({ name, number, kind, text, fix })

const RAISE_RINGS = 'raise receivers::ebpf::rings::size, or give the agent more CPU'

/** What the kernel side counts, 4xx. A new line in enum stat does not compile until it has one here. */
export const KERNEL_STATS = {
  LOST_CHUNK: stat(
    'ring_full_chunk',
    401,
    'note',
    'a ring was full: bytes of a connection that is not paired in the kernel',
    RAISE_RINGS,
  ),
  LOST_EXCHANGE: stat('ring_full', 402, 'lost', 'a ring was full: an exchange', RAISE_RINGS),
  LOST_END: stat(
    'ring_full_end',
    403,
    'note',
    'a ring was full: the end of an exchange or connection',
    RAISE_RINGS,
  ),
  LOST_PROCESS: stat(
    'ring_full_process',
    404,
    'note',
    'the ring of processes was full: /proc is read anew within a second',
    'none, unless it goes on: give the agent more CPU',
  ),
  SLOT_BUSY: stat(
    'slot_busy',
    405,
    'note',
    'a request could not wait in the kernel and was sent as chunks',
  ),
  SLOT_OVERDUE: stat(
    'slot_overdue',
    406,
    'note',
    'a request was not answered for 300 s, and its place was given away',
  ),
  SCRATCH_BUSY: stat(
    'scratch_busy',
    407,
    'note',
    'no room to build a record: the bytes are a gap',
    'report a bug',
  ),
  UNREADABLE: stat(
    'unreadable',
    408,
    'note',
    'the bytes of a call could not be read: counted, not captured',
  ),
  SEGMENTS: stat(
    'segments',
    409,
    'note',
    'a call with more than 1024 segments, or unreadable ones: the rest counted, not captured',
  ),
  CONN_TABLE: stat(
    'connection_table',
    410,
    'note',
    'a connection could not be entered in the table',
    'raise receivers::ebpf::connections::max',
  ),
  ADOPTED: stat('adopted', 411, 'note', 'a connection older than the agent, or evicted before'),
  TLS: stat('tls', 412, 'note', 'a TCP connection that carries TLS'),
  IO_URING: stat(
    'io_uring',
    413,
    'note',
    'an io_uring was set up, whose transfers these hooks do not see',
    'use a kernel with fentry',
  ),
  COMPAT_CALL: stat(
    'compat_call',
    414,
    'note',
    'a socket call of a 32-bit program, which is not read',
  ),
  MPTCP: stat('mptcp', 415, 'note', 'a connection by Multipath TCP, which is not read'),
  RETURN_MISSED: stat(
    'return_missed',
    416,
    'note',
    'a call of which one end was seen and the other not',
    'use a kernel with fentry',
  ),
  LOST_REQUEST: stat(
    'ring_full_request',
    417,
    'lost',
    'a ring was full: the beginning of a request',
    RAISE_RINGS,
  ),
  MESSAGES: stat(
    'messages',
    418,
    'note',
    'a call with more than 64 messages: the rest counted, not captured',
  ),
  EVICTED: stat(
    'connection_evicted_kernel',
    419,
    'note',
    "the kernel's table of connections was full and let the oldest idle one go",
    'raise receivers::ebpf::connections::max',
  ),
  TLS_NO_SOCKET: stat(
    'tls_no_socket',
    420,
    'note',
    'a call on a TLS connection of Go whose socket was not found: the span lacks the peer',
  ),
  LOST_DATAGRAM: stat(
    'ring_full_datagram',
    421,
    'note',
    'a ring was full, there was no room to build it, or its call had more than 64: a datagram of DNS',
    RAISE_RINGS,
  ),
  FRAMES_LOST: stat(
    'frames_lost',
    422,
    'note',
    "the heads of HTTP/2's frames, or the lines of NATS, on a connection could not be followed until a later call",
  ),
} as const satisfies Record<Stat, NamedReason>

/** The kernel's counters since the agent's start. */
export class KernelStats {
  readonly #map: BpfMap
  readonly #sums: Float64Array

  constructor(map: BpfMap) {
    this.#map = map
    this.#sums = new Float64Array(map.info.maxEntries)
  }

  /** One of `Stat`, as of records that could not be sent. */
  count(index: number): number {
    this.#map.sumCounters(this.#sums)
    return this.#sums[index] ?? 0
  }

  /** Sums over all CPUs. */
  read(): ReadonlyMap<string, number> {
    this.#map.sumCounters(this.#sums)
    return new Map(
      Object.entries(Stat).map(([name, index]) => [
        KERNEL_STATS[name as Stat].name,
        this.#sums[index] ?? 0,
      ]),
    )
  }
}
