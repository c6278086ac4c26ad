import { readFileSync } from 'node:fs'
import { HOOK_FAMILIES, type HookFamily } from '../../../receivers/ebpf/sources/tcp.ts'

/** The families that this kernel was built for: each of them must work. Without kprobes it has no fentry either. */
export function usableFamilies(): readonly HookFamily[] {
  const symbols = readFileSync('/proc/kallsyms', 'latin1')
  return symbols.includes(' register_kprobe\n') ? HOOK_FAMILIES : ['tracepoint']
}
