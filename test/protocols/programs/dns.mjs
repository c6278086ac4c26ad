// Asks a server by c-ares, one question after the other. `node dns.mjs ADDRESS TRIES NAME:TYPE ...`
import { Resolver } from 'node:dns/promises'

const [address, tries, ...questions] = process.argv.slice(2)
const resolver = new Resolver({ timeout: 1000, tries: Number(tries) })
resolver.setServers([address])
for (const question of questions) {
  const [name, type] = question.split(':')
  const found = await resolver.resolve(name, type).catch(({ code }) => code)
  process.stdout.write(`${question} ${JSON.stringify(found)}\n`)
}
