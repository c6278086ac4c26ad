import { messagingStream } from '../messaging_stream.ts'
import { mqttCall } from './span.ts'
import { MqttDialogue } from './stitch.ts'

/** MQTT on one connection, as spans: one for each message that is published or delivered. */
export const mqtt = messagingStream((host) => new MqttDialogue(host), mqttCall)
