import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempPaths } from './nginx_server.ts'
import { listening } from './server.ts'

const PORT = 18090

export interface Sink {
  readonly endpoint: string
  close(): Promise<void>
}

/**
 * Takes every export and keeps nothing. It is nginx, which costs the machine that is measured little, under a name that no agent is
 * told to watch.
 */
export async function startSink(folder: string): Promise<Sink> {
  const own = join(folder, 'sink')
  mkdirSync(own, { recursive: true })
  const program = join(own, 'sink')
  execFileSync('sh', ['-c', 'cp "$(command -v nginx)" "$1"', 'sh', program])
  const config = join(own, 'sink.conf')
  writeFileSync(
    config,
    `daemon off; user root; worker_processes 1; pid ${own}/sink.pid; error_log ${own}/sink.err;
events { worker_connections 64; }
http {
  access_log off; client_max_body_size 0; keepalive_requests 100000000; ${tempPaths(own)}
  server { listen 127.0.0.1:${PORT}; location / { default_type application/x-protobuf; return 200; } }
}
`,
  )
  const child = spawn(program, ['-c', config], { stdio: 'ignore' })
  await listening(PORT, child)
  return {
    endpoint: `http://127.0.0.1:${PORT}`,
    close: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
