// What a program does with RabbitMQ through amqplib: `node amqp.mjs FOLDER PORT ROUNDS`. Publishes, with confirmation and without, gets and consumes.
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const amqp = createRequire(`${folder}/`)('amqplib')
const connection = await amqp.connect(`amqp://127.0.0.1:${port}?frameMax=8192`)
const plain = await connection.createChannel()
const confirmed = await connection.createConfirmChannel()
await plain.assertExchange('shop', 'topic', { durable: false })
for (const queue of ['orders', 'gotten']) await plain.assertQueue(queue, { durable: false })
await plain.bindQueue('orders', 'shop', 'new.*')
const headers = { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01', n: 1 }
plain.publish('shop', 'new.book', Buffer.from('SECRET'), { headers, messageId: 'SECRET' })
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  plain.publish('shop', 'new.book', Buffer.from('SECRET'), { headers })
}

for (let i = 0; i < Number(rounds); i++) {
  plain.publish('shop', 'new.book', Buffer.from('SECRET'.repeat(i % 3 === 0 ? 5000 : 1)), {
    headers,
  })
  confirmed.sendToQueue('gotten', Buffer.from('SECRET'), { contentType: 'text/plain' })
  confirmed.publish('shop', 'nowhere', Buffer.from('SECRET'), { mandatory: true })
  await confirmed.waitForConfirms()
  const message = await plain.get('gotten')
  plain.ack(message)
  await plain.get('gotten')
}
const { messageCount } = await plain.checkQueue('orders')
let left = messageCount
await new Promise((resolve, reject) => {
  plain
    .consume('orders', (message) => {
      plain.ack(message)
      if (--left === 0) resolve()
    })
    .catch(reject)
})
await plain.close()
await connection.close()
process.stdin.destroy()
