// What a program does with NATS through nats.js: `node nats.mjs FOLDER PORT ROUNDS`. Publishes to itself, asks and answers.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, port, rounds] = process.argv.slice(2)
const { connect, headers } = createRequire(`${folder}/`)('nats')
const connection = await connect({ servers: `127.0.0.1:${port}`, name: 'node shop' })
const traced = headers()
traced.set('traceparent', '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01')
traced.set('SECRET', 'SECRET')
connection.subscribe('node.ask', { callback: (_, asked) => asked.respond('SECRET') })
const orders = connection.subscribe('node.orders.*', { queue: 'workers' })
await connection.flush()
process.stdout.write('ready\n')
let wanted = Number(rounds)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go') break
  connection.publish('node.orders.old', 'SECRET', { headers: traced })
  wanted++
}
for (let i = 0; i < Number(rounds); i++) {
  connection.publish('node.orders.new', 'SECRET'.repeat(i % 3 === 0 ? 5000 : 1), {
    headers: traced,
  })
  await connection.request('node.ask', 'SECRET', { timeout: 30_000 })
}
for await (const _ of orders) if (--wanted === 0) break
await connection.drain()
process.stdin.destroy()
