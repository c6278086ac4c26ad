import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BpfObject, type ObjectOptions } from '../../native/bpf_object.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** bpf/native.bpf.c, built: what the tests of native/ load. */
export const NATIVE_OBJECT = `${ROOT}build/test/kernel/native.bpf.o`

/** Builds what has changed of the test objects. */
export const buildTestObjects = (): void => {
  execFileSync('make', ['-s', '-C', `${ROOT}native`, 'test-objects'], { stdio: 'inherit' })
}

/** Of getuid(2), which `callOnce` makes. Source: asm/unistd_64.h, asm-generic/unistd.h */
const GETUID_NR = process.arch === 'x64' ? 102 : 174

/** One system call that the test object's on_syscall sees. */
export const callOnce = (): void => {
  process.getuid?.()
}

/** Loaded, and made to watch the system calls of this process. */
export function loadNativeObject({ rodata, ...options }: ObjectOptions = {}): BpfObject {
  const object = new BpfObject(NATIVE_OBJECT, {
    ...options,
    rodata: { target: process.pid, syscall_nr: GETUID_NR, ...rodata },
  })
  object.load()
  return object
}

/** Whether the kernel still has a BPF program of this id. */
export function programExists(id: number): boolean {
  try {
    execFileSync('bpftool', ['prog', 'show', 'id', String(id)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
