// What a program does with PostgreSQL through node-postgres: `node postgres.mjs FOLDER PORT ROUNDS TLS`
import { createRequire } from 'node:module'

const [folder, port, rounds, tls] = process.argv.slice(2)
const { Client } = createRequire(`${folder}/`)('pg')
const client = new Client({
  host: '127.0.0.1',
  port: Number(port),
  user: 'postgres',
  database: 'shop',
  ssl: tls === 'tls' ? { rejectUnauthorized: false } : false,
})
await client.connect()
const prepared = (i) =>
  client.query({ name: 'by-id', text: 'SELECT * FROM goods WHERE id = $1', values: [i] })
await prepared(0)
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  await client.query('SHOW server_version')
}

for (let i = 0; i < Number(rounds); i++) {
  await client.query("INSERT INTO goods(name) VALUES ('SECRET')")
  await client.query('UPDATE goods SET name = $1 WHERE id = $2', ['SECRET'.repeat(1000), i])
  await Promise.all([prepared(i), prepared(i + 1)])
  await client.query(
    "SELECT g.name FROM goods g, orders o WHERE g.id = o.id AND g.name <> 'SECRET'",
  )
  await client.query('SELECT nothing FROM goods').catch(() => undefined)
}
await client.end()
