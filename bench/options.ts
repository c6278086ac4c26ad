/** What every bench of a server takes. */
const COMMON = {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '8' },
  peer: { type: 'string' },
  'peer-root': { type: 'string' },
} as const

/** Of the command. */
export const COMMAND_OPTIONS = {
  ...COMMON,
  kernel: { type: 'string', default: '6.1' },
  host: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Of what it runs where the load is. */
export const ROUNDS_OPTIONS = {
  ...COMMON,
  folder: { type: 'string', default: '/dev/shm/weir-bench' },
} as const
