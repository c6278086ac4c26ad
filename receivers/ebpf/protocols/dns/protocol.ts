import type { Direction, EndReason, OpenStream } from '../../protocol.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import { ChunkStream } from '../chunks/stream.ts'
import type { Lookups } from './lookups.ts'
import type { DnsMessage } from './parse.ts'
import { beginsDns, parseFrame } from './tcp.ts'

/** DNS over one TCP connection: what is said there is joined with what the same process says by datagrams. */
export const dns =
  (lookups: Lookups): OpenStream =>
  (connection, host) => {
    const { id, role, localAddress, localPort, peerAddress, peerPort } = connection
    const ends = { role, localAddress, localPort, peerAddress, peerPort }
    /** Queries less answers. */
    let open = 0
    const hold = (message: DnsMessage, direction: Direction, times: FrameTimes) => {
      const isQuery = direction === 'request'
      open += isQuery ? 1 : -1
      const seen = { kind: 'message', message, ends, transport: 'tcp', connection: id } as const
      const ns = isQuery ? times.firstNs : times.lastNs
      lookups.hold({ ...seen, ns, tgid: times.tgid }, host)
    }
    return new ChunkStream<DnsMessage | undefined>(connection, host, () => ({
      named: true,
      waiting: 0,
      parse: parseFrame,
      begins: beginsDns,
      frame: (direction, message, times) => {
        if (message === undefined) host.count('dns_unread')
        else hold(message, direction, times)
        return true
      },
      drop: () => 0,
      end: (reason, ns) => {
        if (open > 0)
          lookups.hold({ kind: 'end', connection: id, error: errorOf(reason), ns }, host)
      },
    }))
  }

const errorOf = (reason: EndReason) =>
  reason === 'reset' ? 'connection_reset' : 'connection_closed'
