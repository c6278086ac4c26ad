export interface HostPort {
  /** Undefined: every address of the machine. */
  readonly host: string | undefined
  readonly port: number
}

/** `localhost:4318`, `[::1]:4318`, `:4318`; undefined for what is none of these. */
export function parseHostPort(endpoint: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(endpoint)
  if (match === null) return undefined
  const [, ipv6, name, digits] = match
  const port = Number(digits)
  if (port > 65_535) return undefined
  return { host: ipv6 ?? (name === '' ? undefined : name), port }
}
