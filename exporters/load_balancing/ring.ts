import { crc32 } from 'node:zlib'

const POSITIONS = 36_000 // a circle, in hundredths of a degree
const POINTS = 100 // of each backend

interface Point {
  readonly position: number
  readonly backend: string
}

/**
 * Consistent hashing: a key belongs to the backend of the next point on the circle, so a backend that goes takes its own keys
 * along alone. Places are those of the Collector's load balancer, so that both kinds of agents choose alike.
 */
export class Ring {
  readonly #points: readonly Point[]

  /** Where two points fall on one place, the backend that is listed first has it. */
  constructor(backends: readonly string[], points = POINTS) {
    const taken = new Map<number, string>()
    for (const backend of backends) {
      for (const position of positionsOf(backend, points)) {
        if (!taken.has(position)) taken.set(position, backend)
      }
    }
    this.#points = [...taken]
      .map(([position, backend]) => ({ position, backend }))
      .sort((a, b) => a.position - b.position)
  }

  get points(): readonly Point[] {
    return this.#points
  }

  /** Undefined if there is no backend. */
  backendOf(key: Uint8Array | string): string | undefined {
    const position = crc32(key) % POSITIONS
    let [low, high] = [0, this.#points.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#points[middle]?.position ?? 0) < position) low = middle + 1
      else high = middle
    }
    return (this.#points[low] ?? this.#points[0])?.backend
  }
}

const positionsOf = (backend: string, points: number): number[] =>
  Array.from({ length: points }, (_, i) => crc32(Buffer.from([i]), crc32(backend)) % POSITIONS)
