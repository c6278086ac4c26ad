import type { Connection, OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitDatabaseCall } from '../database.ts'
import type { MysqlPacket } from './packet.ts'
import { Servers } from './servers.ts'
import { mysqlCall } from './span.ts'
import { MysqlDialogue } from './stitch.ts'

const serverOf = ({ role, localAddress, localPort, peerAddress, peerPort }: Connection) => {
  const [address, port] = role === 'server' ? [localAddress, localPort] : [peerAddress, peerPort]
  return address === '' ? '' : `${address} ${port}`
}

/** MySQL and MariaDB, protocol 4.1, on one connection, as spans: one per query or execution. */
export const mysql = (sample: Sample): OpenStream => {
  const servers = new Servers()
  return (connection, host) => {
    const server = serverOf(connection)
    let told = servers.systemOf(server)
    const stream: ChunkStream<MysqlPacket> = new ChunkStream(
      connection,
      host,
      (deliver) =>
        new MysqlDialogue(
          {
            exchange: (exchange) =>
              deliver(() => emitDatabaseCall(mysqlCall(exchange, told), connection, host, sample)),
            system: (system) => {
              told = system
              servers.tell(server, system)
            },
            count: (reason, n) => host.count(reason, n),
            follow: () => host.verdict('chunks'),
            ignore: () => stream.ignore(),
            leave: () => stream.leave(),
          },
          connection.adopted,
        ),
    )
    return stream
  }
}
