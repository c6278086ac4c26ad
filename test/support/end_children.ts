/**
 * Loaded into each process of tests. A test that failed may leave programs running, and open what would keep its process for
 * ever: some time after all tests have ended, so do these. What a program put into the background is not among them.
 */
import { after } from 'node:test'
import { descendants } from './descendants.ts'

/** For what a file does behind its tests, and for what they have told to be read by whoever started them. */
const LINGER_MS = 60_000

after(() => {
  setTimeout(() => process.exit(), LINGER_MS).unref()
})

process.on('exit', () => {
  for (const pid of descendants(process.pid)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it has ended
    }
  }
})
