import type { TapRecord } from './tap.ts'

export const TEXT = 'weir sees these fifty-odd bytes, and the last eight.'
export const GET = 'GET /one HTTP/1.1\r\nHost: weir\r\n\r\n'
export const POST = 'POST /two HTTP/1.1\r\nHost: weir\r\nContent-Length: 5\r\n\r\n'
export const WEB =
  'POST /a.B/C HTTP/1.1\r\nContent-Type: application/grpc-web\r\nContent-Length: 0\r\n\r\n'
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
export const BODY = 'y'.repeat(5000)

/** Chunks as `direction bytes data|tail`. */
export const chunksOf = (records: readonly TapRecord[]) =>
  records
    .filter(({ type }) => type === 'chunk')
    .map(({ direction, runs: [run] }) => `${direction} ${run?.bytes} ${run?.data}|${run?.tail}`)

export const chunk = (
  direction: 'in' | 'out',
  bytes: number,
  data: string,
  tail = data.slice(-8),
) => `${direction} ${bytes} ${data}|${tail}`

/** Records in short: what left, and the bytes that it tells of. */
export const inShort = (records: readonly TapRecord[]) =>
  records.map(({ type, direction, reason, runs }) => {
    const sizes = runs.map(
      ({ bytes, data }) => `${bytes}${type === 'end' ? '' : `/${data.length}`}`,
    )
    return [type, direction, reason, ...sizes].filter((part) => part !== undefined).join(' ')
  })
