// What a program does with Kafka through kafkajs: `node kafka.mjs FOLDER PORT ROUNDS`. Sends to two topics at once, and consumes one.
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const { Kafka, CompressionTypes, logLevel } = createRequire(`${folder}/`)('kafkajs')
const kafka = new Kafka({
  clientId: 'shop',
  brokers: [`127.0.0.1:${port}`],
  logLevel: logLevel.ERROR,
  retry: { retries: 30, maxRetryTime: 1000 },
})
const producer = kafka.producer({ allowAutoTopicCreation: false })
await producer.connect()
const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
const message = (i) => ({
  key: `SECRET-${i}`,
  value: 'SECRET'.repeat(10),
  headers: { traceparent },
})
const many = (count) => Array.from({ length: count }, (_, i) => message(i))
const send = (count, compression) =>
  producer.sendBatch({
    compression,
    topicMessages: ['js', 'js-more'].map((topic) => ({ topic, messages: many(count) })),
  })
await send(1)
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  await send(1)
}

for (let i = 0; i < Number(rounds); i++) {
  await send(1 + (i % 3), i % 2 === 0 ? CompressionTypes.GZIP : CompressionTypes.None)
}
// More than is captured of one answer: not for the topic that is consumed, where it may stand in front of others.
await producer.send({ topic: 'js-more', messages: [{ value: 'SECRET'.repeat(20_000) }] })
await producer.disconnect()

const admin = kafka.admin()
await admin.connect()
const ends = await admin.fetchTopicOffsets('js')
await admin.disconnect()
const wanted = ends.reduce((sum, { offset }) => sum + Number(offset), 0)
const consumer = kafka.consumer({ groupId: `js-${process.pid}`, maxWaitTimeInMs: 100 })
await consumer.connect()
await consumer.subscribe({ topic: 'js', fromBeginning: true })
let seen = 0
await new Promise((resolve) => {
  void consumer.run({
    eachMessage: async () => {
      if (++seen === wanted) resolve()
    },
  })
})
await consumer.disconnect()
process.stdin.destroy()
