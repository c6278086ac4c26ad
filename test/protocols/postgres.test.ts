import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { statementOf } from '../../receivers/ebpf/protocols/sql/statement.ts'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { type PostgresServer, startPostgres } from './postgres_server.ts'
import { SqlTruth } from './sql_truth.ts'
import { clientsFolder, program, start } from './started.ts'
import { run } from './watch.ts'

const ROUNDS = String(full ? 500 : 10)
const BENCH_TRANSACTIONS = full ? '1000' : '25'
const SCHEMA = `CREATE TABLE goods(id serial, name text); CREATE TABLE orders(id serial, name text);
  CREATE EXTENSION pg_stat_statements`
const OURS = /pg_stat_statements|^SHOW/

describe('PostgreSQL: what pg_stat_statements counts are spans', () => {
  let port = ''
  let server: PostgresServer

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

  const truth = new SqlTruth({
    systems: ['postgresql'],
    port: () => port,
    ours: OURS,
    countsErrors: false,
    executed: async () => {
      const rows = await psql(
        "SELECT coalesce(json_agg(json_build_array(query, calls)), '[]') FROM pg_stat_statements",
      )
      return (JSON.parse(rows) as [string, number][])
        .filter(([sql]) => !OURS.test(sql))
        .flatMap(([sql, calls]) => Array.from({ length: calls }, () => statementOf(sql).summary))
    },
    forget: () => psql('SELECT pg_stat_statements_reset()'),
  })

  async function playNode(tls: string): Promise<void> {
    const args = [program('postgres.mjs'), await clientsFolder(), port, ROUNDS, tls]
    const client = await start(process.execPath, args, 'ready')
    client.tell('go')
    await client.ended()
  }

  describe('clients that come while weir runs', () => {
    before(() => truth.watchAnew())
    after(() => truth.stop())

    test('psql in the clear and over TLS', async () => {
      await truth.compare(async () => {
        await psql("SELECT * FROM goods WHERE name = 'SECRET'")
        await psql("INSERT INTO orders(name) VALUES ('SECRET')", 'require')
        await assert.rejects(psql('SELECT FROM nowhere'))
      })
      await truth.assertFailures([['42P01', 1]])
      assert.equal(truth.ofKind('server')[0]?.attributes.get('db.namespace'), 'shop')
    })

    test('node-postgres in the clear and over TLS', async () => {
      await truth.compare(async () => {
        await playNode('')
        await playNode('tls')
      })
      await truth.assertFailures([
        ['42703', 2 * Number(ROUNDS)],
        ['42P01', 1],
      ])
    })

    test('psycopg 2 and 3: copying, and a pipeline', () =>
      truth.compare(async () => {
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
        truth.compare(() => {
          const address = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres', 'shop']
          const load = ['-n', '-c', '4', '-t', BENCH_TRANSACTIONS, '-M', mode ?? '', ...script]
          return run(server.bin('pgbench'), [...load, ...address])
        }))
    }
  })

  test('a connection that is older than weir, with a statement prepared before', async () => {
    const args = [program('postgres.mjs'), await clientsFolder(), port, ROUNDS, '']
    const client = await start(process.execPath, args, 'ready')
    await truth.watchAnew()
    await truth.recognised(client)
    await truth.compare(
      async () => {
        client.tell('go')
        await client.ended()
      },
      (summary) => (summary === 'SELECT goods' ? '' : summary),
    )
    truth.assertUnknown('SELECT')
    await truth.stop()
  })
})
