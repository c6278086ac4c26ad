/** `degraded`: weir runs, and lacks something. `failed`: a receiver or an exporter can do nothing. */
export type State = 'ok' | 'degraded' | 'failed'

/** One thing that was tried. */
export interface Check {
  readonly name: string
  readonly state: State
  /** What was found, or what is lost by it. */
  readonly detail: string
  /** '' if nothing has to be done. */
  readonly fix: string
}

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail, fix: '' })

export const degraded = (name: string, detail: string, fix: string): Check => ({
  name,
  state: 'degraded',
  detail,
  fix,
})

export const failed = (name: string, detail: string, fix: string): Check => ({
  name,
  state: 'failed',
  detail,
  fix,
})

export const hintOf = (error: unknown, otherwise: string): string =>
  error instanceof Error && 'hint' in error && typeof error.hint === 'string'
    ? error.hint
    : otherwise
