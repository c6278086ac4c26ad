/**
 * Loaded into each process of tests: what they started and did not end, as a failed test does, ends with them. What a program
 * put into the background is not among it.
 */
import { descendants } from './descendants.ts'

process.on('exit', () => {
  for (const pid of descendants(process.pid)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it has ended
    }
  }
})
