import { parentPort } from 'node:worker_threads'
import { RingReader } from '../../native/ring_reader.ts'
import { setLog } from '../../native/system.ts'
import { loadNativeObject } from './native_object.ts'

/**
 * Loads, attaches and maps all it can, tells the ids of its programs, and then ends as its argument says, with everything open.
 * As a process or as a worker.
 */
const warnings: string[] = []
setLog('debug', (_level, message) => warnings.push(message))
const object = loadNativeObject()
const reader = new RingReader([object.map('one_ring')])
const memory = new Uint8Array(object.map('shared').memory())
object.attach('on_syscall')
object.attach('on_sys_exit')

const ids = object.programs().flatMap(({ id }) => (id > 0 ? [id] : []))
const told = JSON.stringify({ ids, logged: warnings.length })
if (parentPort) parentPort.postMessage(told)
else process.stdout.write(`${told}\n`)

const ends: Record<string, () => void> = {
  'end of the program': () => undefined,
  'process.exit': () => process.exit(0),
  'uncaught error': () => {
    throw new Error('on purpose')
  },
  'a signal': () => process.kill(process.pid, 'SIGKILL'),
  'a use after close': () => {
    object.close()
    memory[0] = 1
    process.exit(memory.length === 0 && reader.drain(Buffer.alloc(64)) === 0 ? 0 : 9)
  },
  // A worker that waits to be ended by its parent.
  termination: () => setInterval(() => reader.drain(Buffer.alloc(64)), 1000),
}
ends[process.argv[2] ?? '']?.()
