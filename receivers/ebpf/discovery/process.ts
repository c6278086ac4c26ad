/** What is known of one process. Paths and arguments are as the process itself sees them. */
export interface Process {
  readonly tgid: number
  readonly parent: number
  /** Nanoseconds since boot / agent's epoch, as `boot_ns` decodes; of the exec or fork that made it what it is. */
  readonly startedNs: number
  /** Kernel's name of the program, at most 15 bytes. */
  readonly comm: string
  /** Absolute; '' when it could not be read (a process that ended first, or a kernel thread). */
  readonly exePath: string
  /** May be cut at EXEC_ARGS_MAX bytes. */
  readonly args: readonly string[]
  /** Only the variables that name things: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly env: ReadonlyMap<string, string>
}

/** Whether a process is watched, and by which rule. */
export interface Decision {
  readonly selected: boolean
  /** In words: `instrument[0]`, `default: weir itself`. What `weir explain` prints. */
  readonly rule: string
}
