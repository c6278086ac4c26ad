interface PortRange {
  readonly first: number
  readonly last: number
}

/** Ports as OBI writes them: `80`, or a list with ranges, `80,443,8000-8999`. */
export type Ports = readonly PortRange[]

const PORT_MAX = 65_535

/** The ports that `text` names, or what is wrong with it. */
export function parsePorts(text: string): Ports | string {
  const ranges: PortRange[] = []
  for (const part of text.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim())
    if (match === null) return `"${part.trim()}" is neither a port nor a range like "8000-8999"`
    const first = Number(match[1])
    const last = match[2] === undefined ? first : Number(match[2])
    if (first < 1 || last > PORT_MAX) return `"${part.trim()}" is not within 1 to ${PORT_MAX}`
    if (first > last) return `"${part.trim()}" ends before it begins`
    ranges.push({ first, last })
  }
  return ranges
}

export const includesPort = (ports: Ports, port: number): boolean =>
  ports.some(({ first, last }) => port >= first && port <= last)
