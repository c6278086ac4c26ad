import { isIP } from 'node:net'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import type { Pod } from '../../pipeline/k8s/pod.ts'
import type { Found, Pods } from '../../pipeline/k8s/pods.ts'
import type { Association } from './config.ts'

/** Why a resource has no pod; `unknown_...`: what names it is not known, or not yet. */
export type Miss =
  | 'no_identity'
  | 'unknown_container'
  | 'unknown_uid'
  | 'unknown_name'
  | 'unknown_ip'
  | 'ambiguous_ip'
  | 'unknown_association'

export interface Associated {
  readonly found?: Found
  readonly miss?: Miss
  /** What named the pod that is not known. */
  readonly identity?: string
}

export const textOf = (attributes: Attributes, key: string): string => {
  const value = attribute(attributes, key)
  return value === undefined ? '' : valueText(value)
}

/** The address of a peer without port, and as IPv4 if it is one in IPv6's clothes. */
export const bareIp = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

/** Says which pod a resource is of. `peer` is the address of who sent it, or ''. */
export function associate(
  pods: Pods,
  rules: readonly Association[],
  attributes: Attributes,
  peer: string,
): Associated {
  const exact = byExactId(pods, attributes)
  if (exact?.found !== undefined) return exact
  const others =
    rules.length === 0 ? byDefault(pods, attributes, peer) : byRules(pods, rules, attributes, peer)
  if (others.found === undefined) return exact ?? others
  // An exact id that is not known says more than the address of whoever passed the data on.
  return exact !== undefined && others.identity?.startsWith('ip ') ? exact : others
}

function byExactId(pods: Pods, attributes: Attributes): Associated | undefined {
  const container = textOf(attributes, 'container.id')
  const uid = textOf(attributes, 'k8s.pod.uid')
  if (container === '' && uid === '') return undefined
  const found = pods.byContainer(container) ?? pods.byUid(uid)
  if (found !== undefined) return { found }
  return uid === ''
    ? { miss: 'unknown_container', identity: `container ${container}` }
    : { miss: 'unknown_uid', identity: `uid ${uid}` }
}

function byDefault(pods: Pods, attributes: Attributes, peer: string): Associated {
  const named = textOf(attributes, 'k8s.pod.ip') || textOf(attributes, 'ip') || peer
  const host = textOf(attributes, 'host.name')
  const ip = named || (isIP(host) ? host : '')
  return ip === '' ? { miss: 'no_identity' } : byIp(pods, ip)
}

function byIp(pods: Pods, ip: string): Associated {
  const found = pods.byIp(bareIp(ip))
  const identity = `ip ${ip}`
  if (found === 'ambiguous') return { miss: 'ambiguous_ip', identity }
  return found === 'unknown' ? { miss: 'unknown_ip', identity } : { found, identity }
}

type Source = readonly [name: string, value: string]

function byRules(
  pods: Pods,
  rules: readonly Association[],
  attributes: Attributes,
  peer: string,
): Associated {
  let missed: Associated = { miss: 'no_identity' }
  for (const { sources } of rules) {
    const values = sources.map(
      ({ from, name }): Source =>
        from === 'connection' ? ['k8s.pod.ip', peer] : [name, textOf(attributes, name)],
    )
    if (values.length === 0 || values.some(([, value]) => value === '')) continue
    const said = bySources(pods, values)
    if (said.found !== undefined) return said
    if (missed.miss === 'no_identity') missed = said
    // Who has a name is not looked for by the address that others send from; that of a host may be the node's.
    const isName = said.miss !== 'unknown_ip' && said.miss !== 'ambiguous_ip'
    if (isName && !values.some(([name]) => name === 'host.name')) return missed
  }
  return missed
}

/** Attributes that are the address of a pod; a host's name may be. */
const ADDRESSES = ['k8s.pod.ip', 'ip', 'net.host.ip', 'server.address', 'host.name']

function bySources(pods: Pods, sources: readonly Source[]): Associated {
  const values = new Map(sources)
  const rest = (...used: string[]) => sources.filter(([name]) => !used.includes(name))
  const narrowed = (said: Associated, ...used: string[]): Associated => {
    const { found, identity = '' } = said
    if (
      found === undefined ||
      rest(...used).every(([name, value]) => valueIn(found.pod, name) === value)
    )
      return said
    return { miss: 'unknown_association', identity }
  }
  const isAddress = (name: string) => name !== 'host.name' || isIP(values.get(name) ?? '') !== 0
  const ip = ADDRESSES.find((name) => values.has(name) && isAddress(name))
  const name = values.get('k8s.pod.name')
  const namespace = values.get('k8s.namespace.name')
  if (name !== undefined && namespace !== undefined) {
    const found = pods.byName(namespace, name)
    const identity = `pod ${namespace}/${name}`
    return narrowed(
      found ? { found, identity } : { miss: 'unknown_name', identity },
      'k8s.pod.name',
      'k8s.namespace.name',
    )
  }
  if (ip !== undefined) return narrowed(byIp(pods, values.get(ip) ?? ''), ip)
  return byScan(pods, sources)
}

/** By what no index has: pods of one node are few. */
function byScan(pods: Pods, sources: readonly Source[]): Associated {
  const identity = sources.map(([name, value]) => `${name} ${value}`).join()
  const all = [...pods.all].filter((pod) =>
    sources.every(([name, value]) => valueIn(pod, name) === value),
  )
  const [pod, other] = all
  return pod !== undefined && other === undefined
    ? { found: { pod }, identity }
    : { miss: 'unknown_association', identity }
}

function valueIn(pod: Pod, name: string): string | undefined {
  switch (name) {
    case 'k8s.pod.name':
      return pod.name
    case 'k8s.pod.uid':
      return pod.uid
    case 'k8s.namespace.name':
      return pod.namespace
    case 'k8s.node.name':
      return pod.node
    case 'k8s.pod.ip':
      return pod.ip
    case 'k8s.pod.hostname':
    case 'host.name':
      return pod.hostname || pod.name
    default: {
      const kind = /^k8s\.(\w+)\.name$/.exec(name)?.[1]
      return pod.owner?.kind?.toLowerCase() === kind ? pod.owner?.name : undefined
    }
  }
}
