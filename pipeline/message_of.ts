/** What an error says, or anything else that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node's of a name with several addresses, none of which answers, says nothing itself.
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ')
  }
  return error.message
}
