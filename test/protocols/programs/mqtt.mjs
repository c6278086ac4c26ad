// What a program does with MQTT through MQTT.js: `node mqtt.mjs FOLDER PORT ROUNDS VERSION`. Publishes to itself in every quality of service.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, port, rounds, version] = process.argv.slice(2)
const mqtt = createRequire(`${folder}/`)('mqtt')
const protocolVersion = Number(version)
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
  protocolVersion,
  clientId: `lamp${version}`,
  reconnectPeriod: 0,
})
const properties =
  protocolVersion === 5
    ? {
        userProperties: {
          SECRET: 'SECRET',
          traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
        },
      }
    : undefined
let left = Number(rounds)
client.on('message', (topic) => {
  if (topic.endsWith('new') && --left === 0) client.emit('all')
})
await client.subscribeAsync(`lamps${version}/#`, { qos: 2 })
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go') break
  await client.publishAsync(`lamps${version}/old`, 'SECRET', { properties })
}
const all = once(client, 'all')
for (let i = 0; i < Number(rounds); i++) {
  // One is longer than most of what is captured: all of them go through one ring, four times.
  const body = 'SECRET'.repeat(i === 4 ? 5000 : i)
  await client.publishAsync(`lamps${version}/new`, body, { qos: i % 3, properties })
}
await all
await client.endAsync()
process.stdin.destroy()
