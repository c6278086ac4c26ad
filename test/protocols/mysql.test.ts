import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MYSQL } from '../../receivers/ebpf/protocols/sql/dialects.ts'
import { statementOf } from '../../receivers/ebpf/protocols/sql/statement.ts'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { type MariadbServer, startMariadb } from './mariadb_server.ts'
import { KINDS, SqlTruth } from './sql_truth.ts'
import { clientsFolder, program, start } from './started.ts'
import { countOf, run } from './watch.ts'

const ROUNDS = String(full ? 500 : 10)
const SCHEMA = `CREATE TABLE goods(id int AUTO_INCREMENT PRIMARY KEY, name text);
  CREATE TABLE orders(id int AUTO_INCREMENT PRIMARY KEY, name text); CREATE TABLE loaded(id int, name text);
  CREATE PROCEDURE both_tables(a int) SELECT * FROM goods LIMIT 2`
/** What clients ask by themselves, and while weir is looking for them; and what cannot be prepared, which is not logged. */
const OURS = /^(SET|SHOW|select @@|SELECT nothing FROM orders)/i

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

  async function playNode(tls: string): Promise<void> {
    const args = [program('mysql.mjs'), await clientsFolder(), port, ROUNDS, tls]
    const client = await start(process.execPath, args, 'ready')
    client.tell('go')
    await client.ended()
  }

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

    test('mysql2 in the clear and over TLS', async () => {
      await truth.compare(async () => {
        await playNode('')
        await playNode('tls')
      })
    })

    test('PyMySQL: a file that is loaded, and a result longer than what is captured', () =>
      truth.compare(async () => {
        const client = await start('/usr/bin/python3', [program('mysql.py'), port, ROUNDS], 'ready')
        client.tell('go')
        await client.ended()
      }))
  })

  test('a connection that is older than weir, with a statement prepared before', async () => {
    const args = [program('mysql.mjs'), await clientsFolder(), port, ROUNDS, '']
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
    truth.assertUnknown('mysql')
    await truth.stop()
  })
})
