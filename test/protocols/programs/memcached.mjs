// What a program does with memcached through memjs, which speaks the binary protocol: `node memcached.mjs FOLDER PORT ROUNDS`
import { createRequire } from 'node:module'

const [folder, port, rounds] = process.argv.slice(2)
const { Client } = createRequire(`${folder}/`)('memjs')
const client = Client.create(`127.0.0.1:${port}`, { timeout: 20, conntimeout: 20, retries: 0 })
await client.get('SECRET')
process.stdout.write('ready\n')
for await (const word of process.stdin) {
  if (word.toString().includes('go')) break
  await client.get('SECRET')
}

for (let i = 0; i < Number(rounds); i++) {
  // Behind an answer that is longer than what is captured, others would be missed.
  await client.set('SECRET-large', 'SECRET'.repeat(20_000), {})
  await client.get('SECRET-large')
  await client.set(`SECRET-${i}`, 'SECRET', { expires: 60 })
  await Promise.all([client.get(`SECRET-${i}`), client.get('SECRET-no'), client.delete('SECRET')])
  await client.add('SECRET-n', '1', {})
  await client.increment('SECRET-n', 1, {})
  await client.add('SECRET-n', '1', {}) // is there
  await client.set('SECRET', 'SECRET'.repeat(200_000), {}).catch(() => undefined) // too large
}
client.close()
process.stdin.destroy()
