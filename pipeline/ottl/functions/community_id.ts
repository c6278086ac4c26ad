import { createHash } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Integer } from '../../data/metrics.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { text } from '../value.ts'

const PROTOCOLS: Readonly<Record<string, number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  RSVP: 46,
  ICMP6: 58,
  SCTP: 132,
}
const MAX_16 = 65_535
/** Before an IPv4 address in IPv6's clothes. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** A flow's name, the same in both directions. Source: https://github.com/corelight/community-id-spec */
export const communityId = converter(
  'CommunityID',
  ['sourceIP', 'sourcePort', 'destinationIP', 'destinationPort', 'protocol?', 'seed?'],
  (args) => {
    const source = args.text('sourceIP')
    const sourcePort = args.int('sourcePort')
    const target = args.text('destinationIP')
    const targetPort = args.int('destinationPort')
    const protocol = args.has('protocol') ? args.text('protocol') : () => 'TCP'
    const seed = args.has('seed') ? args.int('seed') : () => 0
    return (frame) => {
      const ends = [
        { ip: addressOf(source(frame)), port: within(sourcePort(frame), 'sourcePort') },
        { ip: addressOf(target(frame)), port: within(targetPort(frame), 'destinationPort') },
      ].sort((a, b) => a.ip.length - b.ip.length || Buffer.compare(a.ip, b.ip) || a.port - b.port)
      const hash = createHash('sha1')
      hash.update(twoBytes(within(seed(frame), 'seed')))
      for (const { ip } of ends) hash.update(ip)
      hash.update(Buffer.from([numberOf(protocol(frame)), 0]))
      for (const { port } of ends) hash.update(twoBytes(port))
      return text(`1:${hash.digest('base64')}`)
    }
  },
)

function twoBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function within(value: Integer, name: string): number {
  if (value >= 0 && value <= MAX_16) return Number(value)
  throw new EvaluationError(`CommunityID: ${name}: must be between 0 and ${MAX_16}, got ${value}`)
}

function numberOf(protocol: string): number {
  const number = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined
  if (number !== undefined) return number
  const known = Object.keys(PROTOCOLS).join(', ')
  throw new EvaluationError(`CommunityID: unsupported protocol "${protocol}", it knows ${known}`)
}

function addressOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address) || address.includes('%')) {
    throw new EvaluationError(`CommunityID: "${address}" is no IP address`)
  }
  const bytes = groupsOf(address)
  return bytes.subarray(0, MAPPED.length).equals(MAPPED) ? bytes.subarray(MAPPED.length) : bytes
}

/** The parser of URLs writes all groups in hex, the last two as well. */
function groupsOf(address: string): Buffer {
  const [left = '', right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [left, right ?? ''].map((part) => part.split(':').filter(Boolean)) as [
    string[],
    string[],
  ]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0'))
  return Buffer.from(groups.join(''), 'hex')
}
