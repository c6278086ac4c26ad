import type { Connection, OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import { Servers } from './servers.ts'
import { mysqlCall } from './span.ts'
import { type MysqlFrame, UnpackingDialogue } from './unpacking.ts'

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
    const calls = new DatabaseCalls(connection, host, sample)
    const stream: ChunkStream<MysqlFrame> = new ChunkStream(
      connection,
      host,
      (deliver) =>
        new UnpackingDialogue(
          {
            exchange: (exchange) => deliver(() => calls.emit(mysqlCall(exchange, told))),
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
