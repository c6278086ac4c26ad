/** Answers each request with the nanoseconds of CPU that it has used, after 300 ms more of them. */
import { createServer } from 'node:http'

const usedNs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

const server = createServer((_, response) => {
  for (const end = usedNs() + 300e6; usedNs() < end; );
  response.end(String(usedNs()))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
