/** A consumer that keeps what it gets. */
export function keep<B>() {
  const kept: B[] = []
  return { kept, consume: (batch: B) => Promise.resolve(void kept.push(batch)) }
}
