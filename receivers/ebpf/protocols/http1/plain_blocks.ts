import type { Attribute } from '../../../../pipeline/data/attributes.ts'
import type { HttpLabels } from '../../metrics/labels.ts'
import type { Recorder } from '../../metrics/recorder.ts'
import type { Connection } from '../../protocol.ts'
import { encodedAttributes } from './plain_attributes.ts'
import type { PlainTexts } from './plain_request.ts'
import {
  addClientAddress,
  addNetwork,
  addOwnAddress,
  addServerAddress,
  origin,
  SCHEMES,
  serverOf,
} from './span.ts'
import { authority } from './url.ts'

const EMPTY = Buffer.alloc(0)

/** The attributes that the requests of a connection share, encoded once: as long as they name the same host. */
export class PlainBlocks {
  readonly #connection: Connection
  #host = EMPTY
  #minor = -1
  #peerAddress = ''
  #localAddress = ''
  #attributes: Attribute[] = []
  #recorder: Recorder | undefined
  #labels: HttpLabels | undefined
  /** Attributes behind the target's, and behind the route's. */
  addresses: Uint8Array = EMPTY
  network: Uint8Array = EMPTY
  /** To a client: what is in front of the path of its URLs. */
  origin: Uint8Array = EMPTY

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Makes them those of this request. */
  update(bytes: Uint8Array, request: PlainTexts): void {
    const { peerAddress, localAddress } = this.#connection
    // A TLS connection learns its addresses late.
    const isSame =
      request.minor === this.#minor &&
      peerAddress === this.#peerAddress &&
      localAddress === this.#localAddress &&
      this.#isHost(bytes, request)
    if (isSame) return
    this.#minor = request.minor
    this.#peerAddress = peerAddress
    this.#localAddress = localAddress
    const { start, end, isAbsent } = request.host
    this.#host = isAbsent ? EMPTY : Buffer.from(bytes.subarray(start, end))
    this.#encode()
  }

  /** Labels of what the requests have in common. */
  labels(recorder: Recorder): HttpLabels {
    if (this.#labels !== undefined && this.#recorder === recorder) return this.#labels
    const labels = recorder.labels.ofConnection(this.#connection.role, this.#attributes)
    this.#recorder = recorder
    this.#labels = labels
    return labels
  }

  #isHost(bytes: Uint8Array, { host }: PlainTexts): boolean {
    const length = host.end - host.start
    if (length !== this.#host.length) return false
    for (let i = 0; i < length; i++) if (bytes[host.start + i] !== this.#host[i]) return false
    return true
  }

  #encode(): void {
    const connection = this.#connection
    const scheme = connection.tls ? 'https' : 'http'
    const url = authority(this.#host.toString('latin1'))
    const attributes: Attribute[] = []
    if (connection.role === 'server') {
      addOwnAddress(attributes, connection, url, scheme)
      addClientAddress(attributes, connection.peerAddress)
    } else {
      const { host, port } = serverOf(connection, url, scheme)
      this.origin = Buffer.from(origin(scheme, host, port), 'latin1')
      addServerAddress(attributes, host, port)
    }
    this.addresses = encodedAttributes(attributes)
    const network: Attribute[] = []
    addNetwork(network, connection, this.#minor)
    this.network = encodedAttributes(network)
    const shown = connection.role === 'server' ? [SCHEMES[scheme]] : []
    this.#attributes = [...shown, ...attributes, ...network]
    this.#labels = undefined
  }
}
