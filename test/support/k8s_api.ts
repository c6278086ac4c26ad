import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server keeps of an object: what was put, with its version. */
export interface Stored {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace?: string
    readonly resourceVersion?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

interface Event {
  readonly version: number
  readonly path: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Stored
}

interface Watch {
  readonly path: string
  readonly query: URLSearchParams
  readonly response: http.ServerResponse
}

/**
 * A small API server that speaks list and watch as Kubernetes does: versions, pages, bookmarks, 410 for versions that it has
 * forgotten, selectors, tokens that are taken back, verbs that are forbidden.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export class K8sApi {
  /** Paths of all requests, with query. */
  readonly requests: string[] = []
  /** Collections that nobody may see. */
  readonly forbidden = new Set<string>()
  /** The token that is asked for; '' is none. */
  token = ''
  readonly #objects = new Map<string, Map<string, Stored>>()
  readonly #watches = new Set<Watch>()
  #events: Event[] = []
  #version = 100
  #oldest = 100
  #failures = 0
  readonly #server = http.createServer((request, response) => this.#answer(request, response))

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** A collection without objects; one that nobody made is not found. */
  create(collection: string): void {
    this.#collection(collection)
  }

  /** `collection` is `/api/v1/pods`; an object of a namespace is in its namespace's collection too. */
  put(collection: string, object: Stored): void {
    const known = this.#collection(collection)
    const type = known.has(object.metadata.uid) ? 'MODIFIED' : 'ADDED'
    this.#version += 1
    const stored = withVersion(object, this.#version)
    known.set(object.metadata.uid, stored)
    this.#tell({ version: this.#version, path: collection, type, object: stored })
  }

  remove(collection: string, uid: string): void {
    const object = this.#collection(collection).get(uid)
    if (object === undefined) return
    this.#collection(collection).delete(uid)
    this.#version += 1
    const stored = withVersion(object, this.#version)
    this.#tell({ version: this.#version, path: collection, type: 'DELETED', object: stored })
  }

  /** Forgets events so far: who asks from before them gets 410. */
  compact(): void {
    this.#events = []
    this.#oldest = this.#version
  }

  /** Sends all watches the version of now. */
  bookmark(): void {
    for (const { response } of this.#watches) {
      const object = { metadata: { resourceVersion: String(this.#version) } }
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    }
  }

  /** Ends all watches as a server does whose time is over; with `expired` by an event that says 410. */
  endWatches(expired = false): void {
    for (const { response } of this.#watches) {
      if (expired) {
        const object = { kind: 'Status', code: 410, message: 'too old resource version' }
        response.write(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      }
      response.end()
    }
    this.#watches.clear()
  }

  /** Breaks all watches in the middle of a line. */
  breakWatches(): void {
    for (const { response } of this.#watches)
      response.write('{"type":"ADD', () => response.destroy())
    this.#watches.clear()
  }

  /** The next requests fail with 500. */
  failNext(requests: number): void {
    this.#failures = requests
  }

  #collection(path: string): Map<string, Stored> {
    let objects = this.#objects.get(path)
    if (objects === undefined) {
      objects = new Map()
      this.#objects.set(path, objects)
    }
    return objects
  }

  #tell(event: Event): void {
    this.#events.push(event)
    for (const watch of this.#watches) this.#send(watch, event)
  }

  #send({ path, query, response }: Watch, { path: of, type, object }: Event): void {
    if (path !== of || !isSelected(query, object)) return
    const line = `${JSON.stringify({ type, object })}\n`
    // In two chunks, so that lines and chunks have nothing to do with each other.
    response.write(line.slice(0, 20))
    response.write(line.slice(20))
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '', this.url)
    this.requests.push(`${url.pathname}${url.search}`)
    const refusal = this.#refusal(request, url.pathname)
    if (refusal !== undefined) fail(response, ...refusal)
    else if (url.searchParams.has('watch')) this.#watch(url, response)
    else this.#get(url, response)
  }

  #refusal(
    { headers }: http.IncomingMessage,
    path: string,
  ): [code: number, why: string] | undefined {
    if (this.token !== '' && headers.authorization !== `Bearer ${this.token}`) {
      return [401, 'Unauthorized']
    }
    if (this.forbidden.has(path)) return [403, `${path} is forbidden`]
    this.#failures -= 1
    return this.#failures >= 0 ? [500, 'etcdserver: leader changed'] : undefined
  }

  #get(url: URL, response: http.ServerResponse): void {
    const cut = url.pathname.lastIndexOf('/')
    const name = url.pathname.slice(cut + 1)
    const objects = this.#objects.get(url.pathname)
    const parent = this.#objects.get(url.pathname.slice(0, cut))
    const object = [...(parent?.values() ?? [])].find((one) => one.metadata.name === name)
    if (objects !== undefined) this.#list(url, objects, response)
    else if (object !== undefined) json(response, object)
    else fail(response, 404, `${url.pathname} not found`)
  }

  #list(url: URL, objects: Map<string, Stored>, response: http.ServerResponse): void {
    const limit = Number(url.searchParams.get('limit') ?? '0') || Number.POSITIVE_INFINITY
    const from = Number(url.searchParams.get('continue') ?? '0')
    const all = [...objects.values()].filter((one) => isSelected(url.searchParams, one))
    const next = from + limit < all.length ? { continue: String(from + limit) } : {}
    json(response, {
      kind: 'List',
      metadata: { resourceVersion: String(this.#version), ...next },
      items: all.slice(from, from + limit),
    })
  }

  #watch(url: URL, response: http.ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'))
    if (from < this.#oldest) {
      fail(response, 410, 'too old resource version')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watch = { path: url.pathname, query: url.searchParams, response }
    for (const event of this.#events) if (event.version > from) this.#send(watch, event)
    this.#watches.add(watch)
    response.on('close', () => {
      this.#watches.delete(watch)
    })
  }
}

const withVersion = (object: Stored, version: number): Stored => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(version) },
})

function json(response: http.ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function fail(response: http.ServerResponse, code: number, message: string): void {
  const status = { kind: 'Status', status: 'Failure', message, code }
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(status))
}

/** Of fields, those that Kubernetes knows of pods and of all objects. */
function isSelected(query: URLSearchParams, object: Stored): boolean {
  const { spec = {}, status = {} } = object as {
    spec?: { nodeName?: string }
    status?: { podIP?: string }
  }
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace,
    'spec.nodeName': spec.nodeName,
    'status.podIP': status.podIP,
  }
  const labels = object.metadata.labels ?? {}
  return (
    requirements(query.get('fieldSelector')).every((one) => holds(one, (key) => fields[key])) &&
    requirements(query.get('labelSelector')).every((one) => holds(one, (key) => labels[key]))
  )
}

const requirements = (selector: string | null): readonly string[] =>
  selector === null || selector === '' ? [] : selector.split(',')

function holds(requirement: string, textOf: (key: string) => string | undefined): boolean {
  const [, key = '', op, value] = /^(!?[^=!]+)(!=|=)?(.*)$/.exec(requirement) ?? []
  if (op === '=') return textOf(key) === value
  if (op === '!=') return textOf(key) !== value
  return key.startsWith('!') ? textOf(key.slice(1)) === undefined : textOf(key) !== undefined
}
