import { readFileSync, writeFileSync } from 'node:fs'
import { findElfSymbols, readElfInfo } from '../../native/elf.ts'
import { Executables } from '../../receivers/ebpf/discovery/executable.ts'
import { usingBytes } from '../../receivers/ebpf/sources/file_bytes.ts'
import { planGo } from '../../receivers/ebpf/sources/go/plan.ts'
import { planFile, SSL_FUNCTIONS } from '../../receivers/ebpf/sources/openssl/probes.ts'

/** Looks into a file as the agent does, and says by how much this process grew meanwhile, at most. */
const [path = ''] = process.argv.slice(2)

/** `VmRSS` or `VmHWM`, MiB. */
const memory = (field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
  1024

// What is loaded and compiled only once is not the file's.
const inspect = async (file: string) => {
  new Executables().read(file)
  await usingBytes(file, planGo)
  const { machine } = await readElfInfo(file)
  const symbols = await findElfSymbols(file, SSL_FUNCTIONS)
  usingBytes(file, (read) => planFile(symbols, machine, read))
  return symbols.map(({ name }) => name)
}
await inspect('/bin/true')
writeFileSync('/proc/self/clear_refs', '5') // forgets the peak
const before = memory('VmRSS')
const symbols = await inspect(path)
process.stdout.write(
  JSON.stringify({ symbols: [...new Set(symbols)].sort(), peakMiB: memory('VmHWM') - before }),
)
