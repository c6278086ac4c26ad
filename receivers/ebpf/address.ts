const V4_MAPPED = 12

/** Text of the 16 address bytes at `at`: dotted quad when v4-mapped, else IPv6 as RFC 5952 writes it. */
export function addressText(bytes: Uint8Array, at: number): string {
  if (isV4Mapped(bytes, at)) {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => bytes[at + V4_MAPPED + i])
    return `${a}.${b}.${c}.${d}`
  }
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0),
  )
  const [start, end] = longestZeros(groups)
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (end - start < 2) return hex(groups)
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(end))}`
}

function isV4Mapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

/** The first of the longest runs of zero groups: only that one is written `::`. */
function longestZeros(groups: readonly number[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [0, 0]
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best[1] - best[0]) best = [start, end]
    if (end > start) start = end
  }
  return best
}
