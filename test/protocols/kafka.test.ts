import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { java, play, type Started, start, startNode } from './started.ts'
import { run, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 2500 : 8
const TOPICS = ['js', 'js-more', 'java', 'java-0', 'java-tx', 'kcat']
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const TRACEPARENT = 'traceparent=00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
/** In which nothing changes that is still to come. */
const QUIET_MS = 1000
const BOTH = ['server', 'client'] as const

const messagesOf = ({ attributes }: ReceivedSpan) =>
  Number(attributes.get('messaging.batch.message_count') ?? 1)
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

describe('Kafka: what partitions hold was sent and polled by spans', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
  let port = ''
  let broker: Started
  let watch: Watch

  before(async () => {
    port = String(await freePort())
    const [command, args] = await java('KafkaBroker', '256m')
    const own = [folder, port, String(await freePort()), ...TOPICS]
    broker = await start(command, [...args, ...own], 'ready')
  })

  after(async () => {
    await broker.stop('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  /** Records that each topic has, its marks of transactions with them. */
  async function held(): Promise<Map<string, number>> {
    const answer = await broker.ask('ends', 'end\n')
    const rows = answer.matchAll(/^(\S+) \d+ (\d+)$/gm)
    const ends = [...rows].map(([, topic = '', end]) => [topic, Number(end)] as const)
    return new Map(
      TOPICS.map((topic) => [
        topic,
        sum(ends.filter(([of]) => of === topic).map(([, end]) => end)),
      ]),
    )
  }

  const spansOf = (operation: string, topic: string, kind: string) =>
    watch.spans.filter(
      ({ attributes, kind: side }) =>
        side === kind &&
        attributes.get('messaging.operation.name') === operation &&
        attributes.get('messaging.destination.name') === topic,
    )
  const moved = (operation: string, topic: string, kind: string) =>
    sum(spansOf(operation, topic, kind).map(messagesOf))
  /** Of both sides: every batch has been unpacked. */
  const assertLinked = (topic: string) => {
    for (const kind of BOTH) {
      const links = spansOf('send', topic, kind).map((span) => span.links.length)
      assert.ok(
        links.every((n) => n > 0),
        `${kind}: ${links}`,
      )
    }
  }
  /** Of what moves messages: a broker that has just started has no coordinators yet. */
  const errors = () =>
    watch.spans
      .filter(({ error, attributes }) => error && attributes.has('messaging.operation.type'))
      .map(({ name, attributes }) => `${name}: ${String(attributes.get('error.type'))}`)

  /** Does the work, and holds what spans say of topics against what they hold more by that. */
  async function compare(
    topics: readonly string[],
    work: () => Promise<void>,
    marks = 0,
  ): Promise<void> {
    const sent = (topic: string) => BOTH.map((kind) => moved('send', topic, kind))
    const [before, seen] = [await held(), new Map(topics.map((topic) => [topic, sent(topic)]))]
    await work()
    const ends = await held()
    const wanted = topics.map((topic) => {
      const more =
        (ends.get(topic) ?? 0) - (before.get(topic) ?? 0) - (topic === 'java-tx' ? marks : 0)
      assert.ok(more > 0, `${topic} holds something`)
      return [topic, ...(seen.get(topic) ?? []).map((one) => one + more)]
    })
    const told = () => topics.map((topic) => [topic, ...sent(topic)])
    await watch.settled(() => JSON.stringify(told()) === JSON.stringify(wanted))
    assert.deepEqual(told(), wanted)
    assert.deepEqual(errors(), [])
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  /**
   * Waits until consumers' spans say that they got `wanted`, and as many answers of the broker as they got. How many records are in
   * those the broker does not know: it has the kernel send them from files. Nor does a consumer whose first answer came before its
   * connection was recognised, or that has got more than is captured of one; it says so.
   */
  async function polled(topic: string, wanted: number): Promise<void> {
    const answers = (kind: string) => spansOf('poll', topic, kind).length
    const isCut = () =>
      spansOf('poll', topic, 'client').some(
        ({ attributes }) => attributes.get('weir.partial') === 'kafka_cut',
      )
    const counted = () => moved('poll', topic, 'client')
    const isTold = () => counted() === wanted || (isCut() && counted() > 0)
    await watch.settled(() => isTold() && answers('server') === answers('client'))
    assert.ok(isTold() && counted() <= wanted, `${topic}: ${counted()} of ${wanted}`)
    assert.equal(answers('server'), answers('client'))
  }

  /** Nobody answers these. */
  async function sentUnanswered(topic: string, wanted: number): Promise<void> {
    const sent = () => BOTH.map((kind) => moved('send', topic, kind))
    await watch.settled(() => sent().every((messages) => messages === wanted))
    assert.deepEqual(sent(), [wanted, wanted])
  }

  const startKafkajs = () => startNode('kafka.mjs', port, String(ROUNDS))

  describe('clients that come while weir runs', () => {
    before(async () => {
      watch = await startWatching()
    })
    after(() => watch.stop())

    test('kafkajs: two topics in one request, and a group', async () => {
      await compare(['js', 'js-more'], async () => play(await startKafkajs()))
      await polled('js', (await held()).get('js') ?? 0)
      const [poll] = spansOf('poll', 'js', 'client')
      assert.match(String(poll?.attributes.get('messaging.consumer.group.name')), /^js-\d+$/)
      const commits = () => spansOf('commit', 'js', 'server').length
      await watch.settled(() => commits() > 0)
      assert.ok(commits() > 0)
    })

    test('kcat: librdkafka, compressed and not', async () => {
      const file = join(folder, 'lines')
      writeFileSync(file, 'SECRET\n'.repeat(ROUNDS))
      const address = ['-b', `127.0.0.1:${port}`, '-t', 'kcat']
      await compare(['kcat'], async () => {
        for (const codec of CODECS)
          await run('kcat', [...address, '-P', '-q', '-z', codec, '-H', TRACEPARENT, '-l', file])
      })
      assertLinked('kcat')
      await run('kcat', [...address, '-C', '-q', '-e', '-o', 'beginning'])
      await polled('kcat', CODECS.length * ROUNDS)
    })

    test('the Java client: each codec, topics by id, acks=0, transactions', async () => {
      await compare(
        ['java', 'java-tx'],
        async () => {
          const [command, args] = await java('KafkaClient', '96m')
          await run(command, [...args, port, String(ROUNDS)])
        },
        2,
      )
      await sentUnanswered('java-0', ROUNDS)
      assertLinked('java')
      await polled('java', 4 * ROUNDS)
      await polled('java-tx', ROUNDS)
      const links = spansOf('poll', 'java', 'client').flatMap((span) => span.links)
      assert.ok(links.length > 0 && links.length <= 4 * ROUNDS, `${links.length} links`)
    })
  })

  test('a connection that is older than weir', async (t) => {
    const client = await startKafkajs()
    watch = await startWatching()
    t.after(() => watch.stop())
    const sent = () => BOTH.map((kind) => moved('send', 'js', kind))
    for (let i = 0; i < 100 && sent().includes(0); i++) {
      client.tell('once more')
      await setTimeout(100)
    }
    assert.ok(!sent().includes(0), 'the connection is recognised')
    // What it was told last may still be on its way to the broker, or into spans.
    const state = async () => JSON.stringify([...(await held()), sent()])
    for (let last = '', now = await state(); now !== last; now = await state()) {
      last = now
      await setTimeout(QUIET_MS)
    }
    await compare(['js', 'js-more'], () => play(client))
  })
})
