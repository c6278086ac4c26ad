import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { statementOf } from '../../receivers/ebpf/protocols/sql/statement.ts'
import { connectionCounts, full, roundsOf } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { OlderClients } from './older_clients.ts'
import { type PostgresServer, startPostgres } from './postgres_server.ts'
import { SqlTruth } from './sql_truth.ts'
import { startGo, startJava, startNode, startPython } from './started.ts'
import { run } from './watch.ts'

const ROUNDS = String(full ? 500 : 10)
const BENCH_TRANSACTIONS = full ? '1000' : '25'
const SCHEMA = `CREATE TABLE goods(id serial, name text); CREATE TABLE orders(id serial, name text);
  CREATE EXTENSION pg_stat_statements`
const OURS = /pg_stat_statements|^SHOW/

describe('PostgreSQL: what pg_stat_statements counts are spans', () => {
  let port = ''
  let server: PostgresServer
  const folder = mkdtempSync(join(tmpdir(), 'weir-wal-'))

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

  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

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

  const startPgx = (connections: number) =>
    startGo('postgres', port, roundsOf(connections, 7), String(connections))

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
      for (const way of ['', 'tls']) {
        await truth.compareClient(startNode('postgres.mjs', port, ROUNDS, way))
      }
      await truth.assertFailures([
        ['42703', 2 * Number(ROUNDS)],
        ['42P01', 1],
      ])
    })

    test('psycopg 2 and 3: copying, a pipeline, and a query that is cancelled', async () => {
      await truth.compareClient(startPython('postgres.py', port, ROUNDS))
      await truth.assertFailures([
        ['42703', 2 * Number(ROUNDS)],
        ['42P01', 1],
        ['57014', 1],
      ])
    })

    test('pg_receivewal: what a replica is sent has no span', () =>
      truth.compare(async () => {
        const slot = ['-U', 'postgres', '-h', '127.0.0.1', '-p', port, '--slot', 'weir']
        await run(server.bin('pg_receivewal'), [...slot, '--create-slot'])
        await psql("INSERT INTO orders(name) VALUES ('SECRET')")
        const end = await psql('SELECT pg_current_wal_lsn()')
        await psql('SELECT pg_switch_wal()')
        const until = ['--endpos', end.trim(), '--no-loop', '-D', folder]
        await run(server.bin('pg_receivewal'), [...slot, ...until])
      }))

    for (const connections of connectionCounts) {
      test(`pgx, ${connections} connections: statements it prepares by itself, batches, copying`, () =>
        truth.compareClient(startPgx(connections)))
    }

    test('JDBC: statements it prepares after a while, batches, cursors', () => {
      const url = `jdbc:postgresql://127.0.0.1:${port}/shop?user=postgres&sslmode=disable&prepareThreshold=2`
      return truth.compareClient(startJava('JdbcClient', url, ROUNDS))
    })

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

  describe('connections that are older than weir', () => {
    const older = new OlderClients(truth, 'SELECT goods')
    before(() => older.watch())
    after(() => older.stop())

    const client = older.add(() => startNode('postgres.mjs', port, ROUNDS, ''))
    test('node-postgres with a statement prepared before', () => older.compare(client))

    for (const connections of connectionCounts) {
      const pgx = older.add(() => startPgx(connections), connections)
      test(`pgx, ${connections} connections`, () => older.compare(pgx))
    }

    test('what was prepared before is not known', () => truth.assertUnknown('SELECT'))
  })
})
