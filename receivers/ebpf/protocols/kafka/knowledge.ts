const MAX_TOPICS = 4096
const MAX_CLIENTS = 4096

/** Remembers the newest `max` of what it is told. */
class Recent<Value> {
  readonly #max: number
  readonly #entries = new Map<string, Value>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#max) return
    const oldest = this.#entries.keys().next()
    if (oldest.done !== true) this.#entries.delete(oldest.value)
  }
}

/** What one connection says that matters for others: which topic has which id, and which client consumes for which group. */
export class Knowledge {
  readonly #topics = new Recent<string>(MAX_TOPICS)
  /** '' of clients that were seen in several groups. */
  readonly #groups = new Recent<string>(MAX_CLIENTS)

  learnTopic(id: string, name: string): void {
    if (name !== '' && /[^0]/.test(id) && this.#topics.get(id) !== name) this.#topics.set(id, name)
  }

  /** '' if nobody has said it. */
  topic(id: string): string {
    return this.#topics.get(id) ?? ''
  }

  learnGroup(client: string, group: string): void {
    const known = this.#groups.get(client)
    if (known === group || known === '' || group === '') return
    this.#groups.set(client, known === undefined ? group : '')
  }

  group(client: string): string {
    return this.#groups.get(client) ?? ''
  }
}
