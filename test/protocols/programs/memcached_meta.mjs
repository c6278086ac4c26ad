// Meta commands, as clients for them write them: `node memcached_meta.mjs PORT ROUNDS`. Ends when all is answered.
import { once } from 'node:events'
import { connect } from 'node:net'

const [port, rounds] = process.argv.slice(2)
const socket = connect(Number(port), '127.0.0.1')
let text = ''
socket.setEncoding('latin1').on('data', (more) => {
  text += more
})

/** Writes, and waits for all up to `last`. */
async function ask(lines, last) {
  text = ''
  socket.write(lines.map((line) => `${line}\r\n`).join(''))
  while (!text.endsWith(last)) await once(socket, 'data')
}

await ask(['mg SECRET v'], 'EN\r\n')
process.stdout.write('ready\n')
await once(process.stdin, 'data')
for (let i = 0; i < Number(rounds); i++) {
  await ask([`ms SECRET-${i} 6 T60`, 'SECRET'], 'HD\r\n')
  await ask([`mg SECRET-${i} v`, 'mg SECRET-no v'], 'EN\r\n')
  await ask([`mg SECRET-${i} v q O1`, 'mg SECRET-no v q O2', `mg SECRET-${i} q O3`, 'mn'], 'MN\r\n')
  await ask(['ms SECRET-q 6 q', 'SECRET', 'md SECRET-q q', 'md SECRET-no q', 'mn'], 'MN\r\n')
  await ask(['ms SECRET-m 1', '7'], 'HD\r\n')
  await ask(['ma SECRET-m v'], '\r\n8\r\n')
}
socket.destroy()
process.stdin.destroy()
