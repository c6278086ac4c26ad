// What a program does with Redis through ioredis: pipelines, transactions, subscribers, errors. `node redis.mjs FOLDER PORT ROUNDS`
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const { Redis } = createRequire(`${folder}/`)('ioredis')
const options = { port: Number(port), host: '127.0.0.1' }
const redis = new Redis(options)
const other = new Redis({ ...options, db: 2 })
const subscriber = new Redis(options)
await Promise.all([redis.ping(), other.ping(), subscriber.subscribe('news', 'more')])
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))

for (let i = 0; i < Number(rounds); i++) {
  await redis.set(`SECRET-key-${i}`, 'SECRET-value'.repeat(i % 7 === 0 ? 2000 : 1))
  await Promise.all([redis.get(`SECRET-key-${i}`), redis.incr('n'), other.hset('h', 'SECRET', '1')])
  await redis.lpush('n', 'SECRET').catch(() => undefined)
  const pipeline = redis.pipeline()
  for (let j = 0; j < 20; j++) pipeline.append('SECRET-text', 'SECRET')
  await pipeline.exec()
  await redis.multi().strlen('SECRET-text').del('SECRET-text').exec()
  await redis.publish('news', 'SECRET')
}
await Promise.all([redis.quit(), other.quit(), subscriber.quit()])
process.stdin.destroy()
