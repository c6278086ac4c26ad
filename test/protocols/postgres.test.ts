import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { statementOf } from '../../receivers/ebpf/protocols/sql/statement.ts'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { type PostgresServer, startPostgres } from './postgres_server.ts'
import { clientsFolder, program, type Started, start } from './started.ts'
import { countOf, run, startWatching, type Watch } from './watch.ts'

const ROUNDS = String(full ? 500 : 10)
const BENCH_TRANSACTIONS = full ? '1000' : '25'
const SCHEMA = `CREATE TABLE goods(id serial, name text); CREATE TABLE orders(id serial, name text);
  CREATE EXTENSION pg_stat_statements`
const KINDS = ['server', 'client']
const OURS = /pg_stat_statements|^SHOW/

describe('PostgreSQL: what pg_stat_statements counts are spans', () => {
  let port = ''
  let server: PostgresServer
  let watch: Watch

  const psql = async (sql: string, tls = 'disable') => {
    const address = `host=127.0.0.1 port=${port} user=postgres dbname=shop sslmode=${tls}`
    return (await run(server.bin('psql'), [address, '-XAtc', sql])).stdout
  }

  before(async () => {
    port = String(await freePort())
    server = await startPostgres(port)
    const address = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres']
    await run(server.bin('createdb'), [...address, 'shop'])
    for (const sql of SCHEMA.split(';')) await psql(sql)
    await run(server.bin('pgbench'), [...address, '-i', '-q', 'shop'])
  })

  after(() => server.stop())

  const watchAnew = async () => {
    watch = await startWatching()
    await psql('SELECT pg_stat_statements_reset()')
  }

  /** Executions as the server counted them, each by its summary. */
  async function executed(): Promise<string[]> {
    const rows = await psql(
      "SELECT coalesce(json_agg(json_build_array(query, calls)), '[]') FROM pg_stat_statements",
    )
    return (JSON.parse(rows) as [string, number][])
      .filter(([sql]) => !OURS.test(sql))
      .flatMap(([sql, calls]) => Array.from({ length: calls }, () => statementOf(sql).summary))
  }

  const ofKind = (kind: string) =>
    watch.spans.filter(
      ({ attributes, kind: side }) =>
        attributes.get('db.system.name') === 'postgresql' &&
        side === kind &&
        !OURS.test(String(attributes.get('db.query.text'))),
    )
  const summaries = (kind: string) =>
    ofKind(kind)
      .filter(({ error }) => !error)
      .map(({ attributes }) => String(attributes.get('db.query.summary') ?? ''))

  /** Plays, and holds the spans of both sides against the server's count. */
  async function compare(
    play: () => Promise<unknown>,
    known = (summary: string) => summary,
  ): Promise<void> {
    await play()
    const wanted = countOf((await executed()).map(known))
    const equal = (kind: string) => isDeepStrictEqual(countOf(summaries(kind)), wanted)
    await watch.settled(() => KINDS.every(equal))
    assert.ok(wanted.length > 0, 'the server counted something')
    for (const kind of KINDS) assert.deepEqual(countOf(summaries(kind)), wanted, kind)
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  async function playNode(tls: string): Promise<void> {
    const args = [program('postgres.mjs'), await clientsFolder(), port, ROUNDS, tls]
    const client = await start(process.execPath, args, 'ready')
    client.tell('go')
    await client.ended()
  }

  const failures = (kind: string) =>
    countOf(
      ofKind(kind).flatMap(({ attributes }) => String(attributes.get('error.type') ?? '') || []),
    )

  describe('clients that come while weir runs', () => {
    before(watchAnew)
    after(() => watch.stop())

    test('psql in the clear and over TLS', async () => {
      await compare(async () => {
        await psql("SELECT * FROM goods WHERE name = 'SECRET'")
        await psql("INSERT INTO orders(name) VALUES ('SECRET')", 'require')
        await assert.rejects(psql('SELECT FROM nowhere'))
      })
      await watch.settled(() => failures('server').length > 0)
      assert.deepEqual(failures('server'), [['42P01', 1]])
      assert.equal(ofKind('server')[0]?.attributes.get('db.namespace'), 'shop')
    })

    test('node-postgres in the clear and over TLS', async () => {
      await compare(async () => {
        await playNode('')
        await playNode('tls')
      })
      const wanted = [
        ['42703', 2 * Number(ROUNDS)],
        ['42P01', 1],
      ]
      for (const kind of KINDS) {
        await watch.settled(() => isDeepStrictEqual(failures(kind), wanted))
        assert.deepEqual(failures(kind), wanted, kind)
      }
    })

    test('psycopg 2 and 3: copying, and a pipeline', () =>
      compare(async () => {
        const client = await start(
          '/usr/bin/python3',
          [program('postgres.py'), port, ROUNDS],
          'ready',
        )
        client.tell('go')
        await client.ended()
      }))

    // Of what is prepared, this release counts a BEGIN only once.
    for (const [mode, ...script] of [['simple'], ['extended'], ['prepared', '-S']]) {
      test(`pgbench, ${mode}`, () =>
        compare(() => {
          const address = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres', 'shop']
          const load = ['-n', '-c', '4', '-t', BENCH_TRANSACTIONS, '-M', mode ?? '', ...script]
          return run(server.bin('pgbench'), [...load, ...address])
        }))
    }
  })

  /** Asks until spans have come: weir has by then told the kernel, which knows an old connection only by its bytes. */
  async function recognised(client: Started): Promise<void> {
    const seen = () =>
      ['server', 'client'].every((kind) =>
        watch.spans.some(({ name, kind: side }) => name === 'SHOW' && side === kind),
      )
    for (let i = 0; i < 50 && !seen(); i++) {
      client.tell('once more')
      await setTimeout(100)
    }
    assert.ok(seen(), 'the connection is recognised')
  }

  test('a connection that is older than weir, with a statement prepared before', async () => {
    const args = [program('postgres.mjs'), await clientsFolder(), port, ROUNDS, '']
    const client = await start(process.execPath, args, 'ready')
    await watchAnew()
    await recognised(client)
    await compare(
      async () => {
        client.tell('go')
        await client.ended()
      },
      (summary) => (summary === 'SELECT goods' ? '' : summary),
    )
    const unknown = ofKind('client').filter(({ attributes }) => !attributes.has('db.query.summary'))
    assert.ok(
      unknown.every(
        ({ name, attributes }) =>
          name === 'SELECT' && attributes.get('weir.partial') === 'statement_unknown',
      ),
    )
    await watch.stop()
  })
})
