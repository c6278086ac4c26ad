/** An error for the operator: `code` in capitals for machines, `hint` what to do about it. */
export class AgentError extends Error {
  readonly code: string
  readonly hint: string | undefined

  constructor(
    message: string,
    options: { code: string; cause?: unknown; hint?: string | undefined },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AgentError'
    this.code = options.code
    this.hint = options.hint
  }
}
