import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { ReceivedSpan } from '../truth/sink.ts'
import { play, type Started } from './started.ts'
import { countOf, startWatching, type Watch } from './watch.ts'

export const KINDS = ['server', 'client'] as const

/** What is asked of a connection that is not recognised yet has no span. */
const LOOKS_QUIET_MS = 1000

interface SqlTruthOptions {
  /** Values of db.system.name. */
  readonly systems: readonly string[]
  /** The server's: others may be at work on this machine. A span without addresses may be of any. */
  readonly port: () => string
  /** Statements of the test itself, and those that a client says by itself. */
  readonly ours: RegExp
  /** The server counts what fails, too. */
  readonly countsErrors: boolean
  /** Executions as the server counted them, each by its summary. */
  readonly executed: () => Promise<readonly string[]>
  /** The server forgets what it counted. */
  readonly forget: () => unknown
}

/** Spans of a database that speaks SQL, held against what its server counted. */
export class SqlTruth {
  readonly #options: SqlTruthOptions
  #watch: Watch | undefined

  constructor(options: SqlTruthOptions) {
    this.#options = options
  }

  async watchAnew(): Promise<void> {
    this.#watch = await startWatching()
    await this.#options.forget()
  }

  async stop(): Promise<void> {
    await this.#watch?.stop()
  }

  ofKind(kind: string): ReceivedSpan[] {
    const { systems, ours, port } = this.#options
    return (this.#watch?.spans ?? []).filter(
      ({ attributes, kind: side }) =>
        systems.includes(String(attributes.get('db.system.name'))) &&
        side === kind &&
        String(attributes.get('server.port') ?? port()) === port() &&
        !ours.test(String(attributes.get('db.query.text'))),
    )
  }

  #summaries(kind: string): string[] {
    return this.ofKind(kind)
      .filter(({ error }) => this.#options.countsErrors || !error)
      .map(({ attributes }) => String(attributes.get('db.query.summary') ?? ''))
  }

  #failures(kind: string): [word: string, count: number][] {
    return countOf(
      this.ofKind(kind).flatMap(
        ({ attributes }) => String(attributes.get('error.type') ?? '') || [],
      ),
    )
  }

  /** How often each error came, on both sides. */
  async assertFailures(wanted: readonly (readonly [word: string, count: number])[]): Promise<void> {
    await this.#watch?.settled(() =>
      KINDS.every((kind) => isDeepStrictEqual(this.#failures(kind), wanted)),
    )
    for (const kind of KINDS) assert.deepEqual(this.#failures(kind), wanted, kind)
  }

  /** Does the work, and holds the spans of both sides against the server's count. `known`: what a summary is told as. */
  async compare(work: () => Promise<unknown>, known = (summary: string) => summary): Promise<void> {
    await work()
    const wanted = countOf((await this.#options.executed()).map(known))
    const equal = (kind: string) => isDeepStrictEqual(countOf(this.#summaries(kind)), wanted)
    await this.#watch?.settled(() => KINDS.every(equal))
    assert.ok(wanted.length > 0, 'the server counted something')
    for (const kind of KINDS) assert.deepEqual(countOf(this.#summaries(kind)), wanted, kind)
    assert.doesNotMatch(this.#watch?.text() ?? 'SECRET', /SECRET/)
  }

  /** Lets a client go that waits, and holds what it does against the server's count. */
  async compareClient(client: Promise<Started>): Promise<void> {
    await this.compare(async () => play(await client))
  }

  /** Asks until that has a span on all their connections: weir has by then told the kernel, which knows an old connection only by its bytes. */
  async recognised(clients: readonly Started[], connections: number): Promise<void> {
    const seen = (kind: string) =>
      this.#watch?.spans.filter(({ name, kind: side }) => name === 'SHOW' && side === kind)
        .length ?? 0
    let wanted: number[] = []
    const isSeen = () => KINDS.every((kind, i) => seen(kind) === wanted[i])
    for (let i = 0; i < 20; i++) {
      wanted = KINDS.map((kind) => seen(kind) + connections)
      for (const client of clients) client.tell('once more')
      await this.#watch?.settled(isSeen, LOOKS_QUIET_MS)
      if (isSeen()) return
    }
    assert.fail('the connections are recognised')
  }

  /** Of an old connection: what was prepared before is executed, and not known. */
  assertUnknown(name: string): void {
    const unknown = this.ofKind('client').filter(
      ({ attributes }) => !attributes.has('db.query.summary'),
    )
    assert.ok(unknown.length > 0)
    for (const span of unknown) {
      assert.equal(span.name, name)
      assert.equal(span.attributes.get('weir.partial'), 'statement_unknown')
    }
  }
}
