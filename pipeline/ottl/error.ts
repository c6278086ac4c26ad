/** A mistake in the text of a statement or condition, found before anything runs. */
export class SyntaxFault extends Error {
  readonly offset: number

  /** `offset` counts UTF-16 units from the start of the text. */
  constructor(offset: number, message: string) {
    super(message)
    this.name = 'SyntaxFault'
    this.offset = offset
  }
}

/** What a statement could not do with one item. */
export class EvaluationError extends Error {
  readonly code = 'OTTL_EVALUATION'

  constructor(message: string) {
    super(message)
    this.name = 'EvaluationError'
  }
}

/** `line:column: message`, both from 1 and within the text. */
export function locate(text: string, { offset, message }: SyntaxFault): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return `${line}:${offset - before.lastIndexOf('\n')}: ${message}`
}
