import { statSync } from 'node:fs'
import { join } from 'node:path'
import { ADDON } from '../../native/addon.ts'
import type { Logger } from '../../pipeline/component.ts'
import type { Counters } from './counters.ts'
import type { Process } from './discovery/process.ts'
import type { ProcessTable } from './discovery/process_table.ts'
import type { Kernel } from './kernel.ts'
import type { ReasonName } from './reasons.ts'
import { EndedPrograms } from './sources/ended_programs.ts'
import { DiskFindings, type Findings, stateFolder } from './sources/findings.ts'
import type { Mapping, SourceHost } from './sources/source.ts'
import { version } from './version.ts'

/**
 * The receiver as its sources see it. `table` is undefined before the start, and when the agent is on its way out; `settled` settles when all
 * files that sources were told of have been dealt with.
 */
export class ReceiverHost implements SourceHost {
  readonly log: Logger
  readonly ended = new EndedPrograms()
  readonly findings: Findings
  readonly #counters: Counters
  readonly #kernel: Kernel
  readonly #table: () => ProcessTable | undefined
  readonly #settled: () => Promise<void>

  constructor(
    log: Logger,
    counters: Counters,
    kernel: Kernel,
    table: () => ProcessTable | undefined,
    settled: () => Promise<void>,
  ) {
    this.log = log
    this.findings = new DiskFindings(join(stateFolder(), 'elf'), buildOfWeir(), {
      corrupt: (path) => {
        counters.add('finding_corrupt' satisfies ReasonName)
        log.warn(`${path} is damaged, and made anew`)
      },
      unusable: (cause) => log.debug(`what is found in programs is not kept: ${cause}`),
    })
    this.#counters = counters
    this.#kernel = kernel
    this.#table = table
    this.#settled = settled
  }

  processes(): Process[] {
    return [...(this.#table() ?? [])].map(({ process }) => process)
  }

  watched(tgid: number): boolean {
    return this.#table()?.find(tgid)?.decision.selected !== false
  }

  forgetFile({ inode, device }: Mapping): void {
    if (this.#table() === undefined) return
    this.#kernel.map('mapped_files').delete(fileKey(inode, device))
  }

  /** Told once its file has been inspected, as far as it can still be found: whoever reads it knows that the next run is seen. */
  endedUnread(tgid: number): void {
    const { process, decision } = this.#table()?.find(tgid) ?? {}
    if (decision?.selected === false) return
    const name = process?.exePath || process?.comm || '(unknown)'
    void this.#settled().then(() => {
      if (this.ended.add(tgid, name)) this.count('ended_unread')
    })
  }

  /** Probes of these files were taken out since a process hit them too often. */
  overRate(files: readonly string[], why: string): void {
    for (const file of files) {
      this.count('probes_over_rate')
      this.log.warn(`probe ${file}: not probed any more: ${why}`)
    }
  }

  count(reason: ReasonName, n?: number): void {
    this.#counters.add(reason, n)
  }
}

/** Other code may find other places. */
function buildOfWeir(): string {
  const files = [process.argv[1] ?? '', ADDON].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  )
  return [version(), ...files.map((file) => file?.mtimeMs ?? 0)].join('/')
}

/** A key of `mapped_files`: struct file_key of bpf/process/mappings.h. */
function fileKey(inode: number, device: number): Buffer {
  const key = Buffer.alloc(16)
  key.writeBigUInt64LE(BigInt(inode), 0)
  key.writeBigUInt64LE(BigInt(device), 8)
  return key
}
