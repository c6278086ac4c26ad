/**
 * Prints what each BPF program costs on this kernel: instructions that the verifier walked (0 where the kernel does
 * not tell, before 5.16), instructions, and bytes of machine code. A program that does not load is named with its reason.
 */
import { existsSync, readdirSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programCosts } from '../test/kernel/programs.ts'

const ARCHITECTURE = process.arch === 'x64' ? 'x86_64' : 'arm64'
const FOLDER = fileURLToPath(new URL(`../../build/bpf/${ARCHITECTURE}/`, import.meta.url))

if (!existsSync(FOLDER)) throw new Error(`${FOLDER}: not built (run \`npm run build\`)`)
console.log(`kernel ${release()}`)
for (const file of readdirSync(FOLDER).sort()) {
  for (const cost of programCosts(join(FOLDER, file))) {
    const what =
      cost.refused === undefined
        ? `${String(cost.verifiedInstructions).padStart(8)} verified ${String(cost.instructions).padStart(6)} instructions ${String(cost.machineBytes).padStart(6)} bytes`
        : `refused: ${cost.refused}`
    console.log(`${file.replace('.bpf.o', '').padEnd(8)} ${cost.name.padEnd(26)} ${what}`)
  }
}
