// What a program does with MongoDB through its driver for Node: `node mongodb.mjs FOLDER PORT ROUNDS`.
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const { MongoClient } = createRequire(`${folder}/`)('mongodb')
const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, { maxPoolSize: 4 })
await client.connect()
const shop = client.db('shop')
const goods = shop.collection('goods')
await goods.replaceOne({ _id: 'SECRET' }, {}, { upsert: true })
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  await shop.collection('asked').countDocuments()
}

for (let i = 0; i < Number(rounds); i++) {
  await goods.insertMany([{ name: 'SECRET' }, { name: 'SECRET'.repeat(1000), i }])
  await Promise.all([goods.findOne({ i }), goods.updateOne({ i }, { $set: { name: 'SECRET' } })])
  await goods.insertOne({ _id: 'SECRET' }).catch(() => undefined)
  await client
    .db('other')
    .command({ SECRET: 1 })
    .catch(() => undefined)
  await goods.find({}, { batchSize: 2 }).limit(5).toArray()
  await goods.deleteOne({ i })
}
await shop.collection('long').insertOne({ text: 'SECRET'.repeat(50_000) })
await client.close()
process.stdin.destroy()
