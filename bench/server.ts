import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const up = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return up
}

/** Resolves once a server takes connections; rejects when it ends before. */
export async function listening(port: number, server: ChildProcess): Promise<void> {
  while (!(await accepts(port))) {
    if (server.exitCode !== null) {
      throw new Error(`${server.spawnfile} ended with ${server.exitCode}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
