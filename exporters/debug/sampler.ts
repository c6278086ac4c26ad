const TICK_MS = 1000

/** In each second the first `initial` messages pass, then every `thereafter`th; 0 lets no more pass. */
export function sampler(initial: number, thereafter: number, now: () => number): () => boolean {
  let began = Number.NEGATIVE_INFINITY
  let seen = 0
  return () => {
    if (now() - began >= TICK_MS) {
      began = now()
      seen = 0
    }
    seen += 1
    if (seen <= initial) return true
    return thereafter > 0 && (seen - initial) % thereafter === 0
  }
}
