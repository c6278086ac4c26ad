import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MYSQL } from '../../receivers/ebpf/protocols/sql/dialects.ts'
import { statementOf } from '../../receivers/ebpf/protocols/sql/statement.ts'
import { connectionCounts, full, roundsOf } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { type MariadbServer, startMariadb } from './mariadb_server.ts'
import { OlderClients } from './older_clients.ts'
import { KINDS, SqlTruth } from './sql_truth.ts'
import { startGo, startJava, startNode, startPython } from './started.ts'
import { countOf, run } from './watch.ts'

const ROUNDS = String(full ? 500 : 10)
const SCHEMA = `CREATE TABLE goods(id int AUTO_INCREMENT PRIMARY KEY, name text);
  CREATE TABLE orders(id int AUTO_INCREMENT PRIMARY KEY, name text); CREATE TABLE loaded(id int, name text);
  CREATE PROCEDURE both_tables(a int) SELECT * FROM goods LIMIT 2`
/** Connections at once, and a way of theirs. */
const GO_ROWS = connectionCounts.flatMap((count) => [
  [count, ''] as const,
  [count, 'compress'] as const,
])
/** What clients ask by themselves, and while weir is looking for them; and what cannot be prepared, which is not logged. */
const OURS = /^(\/\*.*?\*\/ ?)?(SET|SHOW|select\s+@@|SELECT nothing FROM orders)/i

describe('MariaDB: what its general log has are spans', () => {
  let port = ''
  let server: MariadbServer

  const mariadb = (sql: string, ...options: string[]) =>
    run('mariadb', [
      ...['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--user=weir'],
      ...['--password=SECRET-pass', '--database=shop', '--force', `--execute=${sql}`, ...options],
    ])

  before(async () => {
    port = String(await freePort())
    server = await startMariadb(port)
    await mariadb(SCHEMA)
  })

  after(() => server.stop())

  const truth = new SqlTruth({
    // Which of the two an old connection's server is, only its greeting said.
    systems: ['mariadb', 'mysql'],
    port: () => port,
    ours: OURS,
    countsErrors: true,
    executed: async () =>
      server
        .log()
        .filter(({ command, text }) => /^(Query|Execute)$/.test(command) && !OURS.test(text))
        .map(({ text }) => statementOf(text, MYSQL).summary),
    forget: () => server.forget(),
  })

  const startGoClient = (connections: number, way: string) =>
    startGo('mysql', port, roundsOf(connections, 4), String(connections), way)

  describe('clients that come while weir runs', () => {
    before(() => truth.watchAnew())
    after(() => truth.stop())

    test('mariadb in the clear and over TLS', async () => {
      await truth.compare(async () => {
        await mariadb(
          "SELECT * FROM goods WHERE name = 'SECRET'; USE other; SELECT 1",
          '--skip-ssl',
        )
        const sql =
          "INSERT INTO orders(name) VALUES ('SECRET'); UPDATE nowhere SET name = 'SECRET'; SELECT 2"
        await assert.rejects(mariadb(sql, '--ssl'), /ERROR 1146/)
      })
      await truth.assertFailures([['1146', 1]])
      for (const kind of KINDS) {
        const databases = truth.ofKind(kind).map(({ attributes }) => attributes.get('db.namespace'))
        assert.deepEqual(countOf(databases.map(String)), [
          ['other', 1],
          ['shop', 4],
        ])
      }
    })

    test('mysql2 in the clear, over TLS and compressed', async () => {
      for (const way of ['', 'tls', 'compress']) {
        await truth.compareClient(startNode('mysql.mjs', port, ROUNDS, way))
      }
    })

    test('PyMySQL: a file that is loaded, and a result longer than what is captured', () =>
      truth.compareClient(startPython('mysql.py', port, ROUNDS)))

    test('mariadb, compressed: a short result and a long one', () =>
      truth.compare(() => {
        const sql = 'SELECT 1; SELECT a.* FROM loaded a; DELETE FROM loaded LIMIT 100'
        return mariadb(sql, '--skip-ssl', '--compress')
      }))

    for (const [connections, way] of GO_ROWS) {
      test(`go-sql-driver, ${connections} connections ${way}`, () =>
        truth.compareClient(startGoClient(connections, way)))
    }

    for (const [driver, none] of Object.entries({ mariadb: 'disable', mysql: 'DISABLED' })) {
      test(`JDBC by the driver of ${driver}: prepared by the server, in bulk, compressed`, () => {
        const user = `user=weir&password=SECRET-pass&sslMode=${none}`
        const options = `${user}&useServerPrepStmts=true&useCompression=true`
        const url = `jdbc:${driver}://127.0.0.1:${port}/shop?${options}`
        return truth.compareClient(startJava('JdbcClient', url, ROUNDS))
      })
    }
  })

  describe('connections that are older than weir', () => {
    const older = new OlderClients(truth, 'SELECT goods')
    before(() => older.watch())
    after(() => older.stop())

    for (const way of ['', 'compress']) {
      const client = older.add(() => startNode('mysql.mjs', port, ROUNDS, way))
      test(`mysql2 with a statement prepared before ${way}`, () => older.compare(client))
    }

    for (const [connections, way] of GO_ROWS) {
      const client = older.add(() => startGoClient(connections, way), connections)
      test(`go-sql-driver, ${connections} connections ${way}`, () => older.compare(client))
    }

    test('what was prepared before is not known', () => truth.assertUnknown('mysql'))
  })
})
