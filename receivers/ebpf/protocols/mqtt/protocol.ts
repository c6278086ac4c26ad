import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitMessagingCall } from '../messaging.ts'
import { mqttCall } from './span.ts'
import { MqttDialogue } from './stitch.ts'

/** MQTT on one connection, as spans: one for each message that is published or delivered. */
export const mqtt =
  (sample: Sample): OpenStream =>
  (connection, host) =>
    new ChunkStream(
      connection,
      host,
      (deliver) =>
        new MqttDialogue({
          exchange: (exchange) =>
            deliver(() => emitMessagingCall(mqttCall(exchange), connection, host, sample)),
          count: (reason, n) => host.count(reason, n),
        }),
    )
