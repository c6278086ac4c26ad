import { crc32 } from 'node:zlib'

/** How a ring is made. */
export interface RingKind {
  readonly positions: number
  /** Of each backend. */
  readonly points: number
  /** Whether points are placed in the order of their hashes; else backend by backend. */
  readonly byHash: boolean
}

/** By their number of places: the larger is that of Collectors since 0.157, the other that of earlier ones (0.150). */
export const RINGS = {
  131071: { positions: 131_071, points: 200, byHash: true },
  36000: { positions: 36_000, points: 100, byHash: false },
} as const satisfies Readonly<Record<number, RingKind>>

export const ringKindOf = (positions: number): RingKind | undefined =>
  (RINGS as Readonly<Record<number, RingKind>>)[positions]

/** A point whose place and the nine behind it are taken is left out. */
const MAX_PROBES = 10

interface Point {
  readonly position: number
  readonly backend: string
}

interface Candidate extends Point {
  readonly hash: number
}

/**
 * Consistent hashing: a key belongs to the backend of the next point on the circle, so a backend that goes takes its own keys
 * along alone. Places are those of the Collector's load balancer, so that both kinds of agents choose alike.
 */
export class Ring {
  readonly #points: readonly Point[]
  readonly #positions: number

  constructor(backends: readonly string[], kind: RingKind = RINGS[131_071]) {
    this.#positions = kind.positions
    const candidates = backends.flatMap((backend) => candidatesOf(backend, kind))
    const taken = new Map<number, string>()
    for (const one of kind.byHash ? candidates.sort(byHash) : candidates) {
      const position = freePlace(taken, one.position, kind.positions)
      if (position !== undefined) taken.set(position, one.backend)
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
    const position = crc32(key) % this.#positions
    let [low, high] = [0, this.#points.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#points[middle]?.position ?? 0) < position) low = middle + 1
      else high = middle
    }
    return (this.#points[low] ?? this.#points[0])?.backend
  }
}

function candidatesOf(backend: string, { points, positions }: RingKind): Candidate[] {
  const start = crc32(backend)
  const index = Buffer.alloc(4)
  return Array.from({ length: points }, (_, i) => {
    index.writeUInt32LE(i)
    const hash = crc32(index, start)
    return { position: hash % positions, hash, backend }
  })
}

const byHash = (a: Candidate, b: Candidate): number =>
  a.position - b.position ||
  a.hash - b.hash ||
  Buffer.compare(Buffer.from(a.backend), Buffer.from(b.backend))

function freePlace(
  taken: ReadonlyMap<number, string>,
  position: number,
  positions: number,
): number | undefined {
  for (let i = 0; i < MAX_PROBES; i++) {
    const place = (position + i) % positions
    if (!taken.has(place)) return place
  }
  return undefined
}
