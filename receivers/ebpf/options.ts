import type { Selection } from './discovery/selection.ts'
import type { SocketOptions } from './explain/socket.ts'
import type { KernelSettings } from './kernel.ts'
import type { KubernetesConfig } from './kubernetes/fields.ts'
import type { MetricsRules } from './metrics/fields.ts'
import type { OpenStream } from './protocol.ts'
import type { Lookups } from './protocols/dns/lookups.ts'
import type { RouteRules } from './routes/routes.ts'
import type { HookFamily } from './sources/tcp.ts'

/** Where plaintext of TLS is read: as `sources` names them. */
export const PLAINTEXT_SOURCES = ['openssl', 'go'] as const
export type PlaintextSource = (typeof PLAINTEXT_SOURCES)[number]

/** The configuration, ready to use. */
export interface EbpfOptions {
  readonly kernel: KernelSettings
  readonly hooks: HookFamily | 'auto'
  /** Sources of plaintext of TLS, beside TCP. */
  readonly plaintext: readonly PlaintextSource[]
  readonly selection: Selection
  readonly openStream: OpenStream
  /** Those of DNS whose datagrams are read. */
  readonly dnsPorts: readonly number[]
  readonly lookups: Lookups
  readonly routes: RouteRules
  /** Hits of probes per second of one process, above which they are taken out; 0 for no such limit. */
  readonly maxProbeRate: number
  readonly metrics: MetricsRules
  readonly kubernetes: KubernetesConfig
  readonly socket: SocketOptions
  /** Between drains, when the last one found much and when it found little. */
  readonly busyIntervalMs: number
  readonly idleIntervalMs: number
  /** Of weir. */
  readonly version: string
}
