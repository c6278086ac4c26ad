import { Script } from 'node:vm'

const TABLE = 'receivers/ebpf/protocols/table.ts'
const EVENTS = 'bpf/include/events.h'

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g

/** Why a protocol cannot be called so: the name becomes an identifier of files that `read` gives by their path. */
export function takenBy(name: string, read: (path: string) => string): string | undefined {
  const has = (path: string, word: string) =>
    new RegExp(`\\b${word}\\b`).test(read(path).replaceAll(COMMENTS, ''))
  if (!isIdentifier(name)) return `it is a word of TypeScript's own`
  if (has(TABLE, name)) return `${TABLE} has it already`
  const value = `PROTOCOL_${name.toUpperCase()}`
  return has(EVENTS, value) ? `${EVENTS} has ${value} already` : undefined
}

/** Compiles, and does not run. */
function isIdentifier(name: string): boolean {
  try {
    return new Script(`'use strict'; const ${name} = 0`) instanceof Script
  } catch {
    return false
  }
}
