import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ConnectionState, ConnectionTable } from './connection_state.ts'

const connection = (id: number): ConnectionState => ({
  id,
  role: 'server',
  tls: false,
  protocol: 1,
  adopted: false,
  localAddress: '',
  localPort: 0,
  peerAddress: '',
  peerPort: 0,
  begins: undefined,
  proxied: undefined,
  stream: undefined,
  sequence: 0,
  tgid: 0,
  keyLow: 0,
  keyHigh: 0,
  keyTgid: 0,
  addressed: true,
  ownPeer: undefined,
  used: false,
  spans: 0,
  awaits: false,
  missing: 0,
})

function table(max: number) {
  const evicted: number[] = []
  return { evicted, table: new ConnectionTable(max, (state) => evicted.push(state.id)) }
}

describe('ConnectionTable', () => {
  test('lets the oldest go when it is full', () => {
    const { table: connections, evicted } = table(3)
    for (const id of [1, 2, 3, 4, 5]) connections.add(connection(id))
    assert.deepEqual(evicted, [1, 2])
    assert.equal(connections.size, 3)
  })

  test('spares the one that is used', () => {
    const { table: connections, evicted } = table(3)
    for (const id of [1, 2, 3]) connections.add(connection(id))
    connections.get(1)
    connections.add(connection(4))
    assert.deepEqual(evicted, [2])
  })

  test('lets one go even if all are used', () => {
    const { table: connections, evicted } = table(2)
    for (const id of [1, 2]) connections.add(connection(id))
    for (const id of [1, 2]) connections.get(id)
    connections.add(connection(3))
    assert.deepEqual(evicted, [1])
    assert.equal(connections.size, 2)
  })

  test('stays within its bound over many connections', () => {
    const { table: connections, evicted } = table(100)
    for (let id = 0; id < 10_000; id++) {
      connections.add(connection(id))
      if (id % 7 === 0) connections.get(id)
    }
    assert.equal(connections.size, 100)
    assert.equal(evicted.length, 9_900)
  })
})
