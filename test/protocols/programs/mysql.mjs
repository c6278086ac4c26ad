// What a program does with MariaDB through mysql2: `node mysql.mjs FOLDER PORT ROUNDS WAY`, which is `tls`, `compress` or nothing
import { createRequire } from 'node:module'

const [folder, port, rounds, way] = process.argv.slice(2)
const mysql = createRequire(`${folder}/`)('mysql2/promise')
const client = await mysql.createConnection({
  host: '127.0.0.1',
  port: Number(port),
  user: 'weir',
  password: 'SECRET-pass',
  database: 'shop',
  multipleStatements: true,
  compress: way === 'compress',
  ...(way === 'tls' ? { ssl: { rejectUnauthorized: false } } : {}),
})
const prepared = (i) => client.execute('SELECT * FROM goods WHERE id = ?', [i])
await prepared(0)
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  await client.query("SHOW VARIABLES LIKE 'version'")
}

for (let i = 0; i < Number(rounds); i++) {
  await client.query('INSERT INTO goods(name) VALUES (\'SECRET\'), ("SECRET")')
  await client.execute('UPDATE goods SET name = ? WHERE id = ?', ['SECRET'.repeat(1000), i])
  await Promise.all([prepared(i), prepared(i + 1)])
  await client.query(
    "SELECT g.name FROM goods g, orders o WHERE g.id = o.id AND g.name <> 'SEC\\'RET'",
  )
  await client.query('SELECT nothing FROM loaded').catch(() => undefined)
  await client.execute('SELECT nothing FROM orders').catch(() => undefined)
  await client.query('CALL both_tables(1)')
}
await client.changeUser({ database: 'other' })
await client.query('DELETE FROM shop.orders')
await client.end()
