import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { layouts } from '../../bpf/events.gen.ts'
import { AgentError } from '../../native/agent_error.ts'
import type { BpfMap } from '../../native/bpf_map.ts'
import { BpfObject, type ObjectOptions } from '../../native/bpf_object.ts'
import { checkLayouts } from '../../native/layout.ts'
import { type LoadedObject, loadObject } from '../../native/load.ts'
import { ROOT } from '../../native/root.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' }
const RINGS = 4
const MIN_RING_BYTES = 4096
/** Requests that wait in the kernel for their answers. */
const HEAD_SLOTS = 2048

/** What user space sets before an object is loaded. */
export interface KernelSettings {
  readonly pairInKernel: boolean
  /** Bytes captured. */
  readonly requestHead: number
  readonly responseHead: number
  readonly connections: number
  /** 1, 2 or 4. */
  readonly rings: number
  /** Of all rings together. */
  readonly ringBytes: number
}

/** The largest power of two that is at most `n`. */
const floorPowerOfTwo = (n: number) => 2 ** Math.floor(Math.log2(n))

/** CPUs that may ever come online: 4 of `0-3`, or of `0,2-3`. */
export function possibleCpus(text: string): number {
  const last = text.trim().split(/[-,]/).at(-1)
  return Number(last) + 1
}

/**
 * Read-only variables and map sizes, the same for every object. `slotBytes`: of struct slot in front of what is captured.
 * Source: bpf/include/config.h, maps.h
 */
export function objectOptions(
  settings: KernelSettings,
  cpus: number,
  slotBytes: number,
): ObjectOptions {
  const verdicts = 2 ** Math.ceil(Math.log2(settings.connections))
  const ring = Math.max(MIN_RING_BYTES, floorPowerOfTwo(settings.ringBytes / settings.rings))
  const ringSizes = Array.from({ length: RINGS }, (_, i) => [
    `ring_${i}`,
    i < settings.rings ? ring : MIN_RING_BYTES,
  ])
  return {
    rodata: {
      request_head: settings.requestHead,
      response_head: settings.responseHead,
      cpus,
      head_slots: HEAD_SLOTS,
      verdict_mask: verdicts - 1,
      ring_mask: settings.rings - 1,
      pair_in_kernel: settings.pairInKernel,
    },
    maxEntries: {
      verdicts,
      conns: settings.connections,
      conn_ages: 2 * settings.connections,
      heads: HEAD_SLOTS + 2 * cpus,
      ...Object.fromEntries(ringSizes),
    },
    // A piece of a request may be as long as all that is captured of it, as far as the verifier knows.
    valueSizes: { heads: slotBytes + 2 * settings.requestHead + settings.responseHead },
  }
}

/**
 * The loaded objects. Those that come later share the maps of those before them. Throws an AgentError when the kernel cannot
 * do BPF at all.
 */
export class Kernel {
  readonly #options: ObjectOptions
  readonly #folder: string
  readonly #objects: BpfObject[] = []

  constructor(settings: KernelSettings) {
    if (!existsSync('/sys/kernel/btf/vmlinux')) {
      throw new AgentError(
        `BPF type information: not at /sys/kernel/btf/vmlinux (kernel ${release()})`,
        {
          code: 'BTF_MISSING',
          hint: 'mount sysfs, or run a kernel built with CONFIG_DEBUG_INFO_BTF, 5.10 or newer',
        },
      )
    }
    const cpus = possibleCpus(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))
    const architecture = ARCHITECTURES[process.arch] ?? process.arch
    this.#folder = `${ROOT}build/bpf/${architecture}/`
    this.#options = objectOptions(settings, cpus, this.#slotBytes())
  }

  /** Programs of an object and where they attach, without loading it. */
  programs(name: string) {
    const object = new BpfObject(this.#path(name))
    const programs = object.programs()
    object.close()
    return programs
  }

  /** Loads an object with as many of its programs as the kernel takes; `autoload` leaves programs out. */
  load(name: string, autoload: Readonly<Record<string, boolean>> = {}): LoadedObject {
    const loaded = loadObject(this.#path(name), {
      ...this.#options,
      autoload,
      reuse: [...this.#objects],
    })
    checkLayouts(loaded.object, presentLayouts(loaded.object))
    this.#objects.push(loaded.object)
    return loaded
  }

  /** Loads one program of an object alone, and lets it go. Throws an AgentError when the kernel refuses it. */
  tryProgram(name: string, program: string): void {
    const only = this.programs(name).map((one) => [one.name, one.name === program])
    const { object, failed } = this.load(name, Object.fromEntries(only))
    this.unload(object)
    const [failure] = failed
    if (failure !== undefined) throw failure.error
  }

  /** Closes an object whose programs turned out to be of no use. */
  unload(object: BpfObject): void {
    const index = this.#objects.indexOf(object)
    if (index >= 0) this.#objects.splice(index, 1)
    object.close()
  }

  /** A map that all share. At least one object is loaded. */
  map(name: string): BpfMap {
    const [first] = this.#objects
    if (first === undefined) throw new Error(`map ${name}: no BPF object is loaded`)
    return first.map(name)
  }

  /** Detaches everything and gives all memory back. Safe twice. */
  close(): void {
    for (const object of this.#objects.splice(0).reverse()) object.close()
  }

  #slotBytes(): number {
    const object = new BpfObject(this.#path('tcp'))
    const data = object.layout('slot')?.fields['data']
    object.close()
    if (data === undefined) throw new Error(`${this.#path('tcp')}: no struct slot with data`)
    return data.offset
  }

  #path(name: string): string {
    return `${this.#folder}${name}.bpf.o`
  }
}

/** An object has the types that it uses: only those can be compared. */
const presentLayouts = (object: BpfObject) =>
  Object.fromEntries(Object.entries(layouts).filter(([name]) => object.layout(name) !== undefined))
