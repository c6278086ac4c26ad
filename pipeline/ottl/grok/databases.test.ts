import { testLines } from './testing.ts'

testLines('patterns of databases', [
  [
    'MONGO3_LOG',
    '2026-11-22T08:00:00.123+0000 I NETWORK  [conn42] end connection 127.0.0.1:51234',
    {
      timestamp: '2026-11-22T08:00:00.123+0000',
      'log.level': 'I',
      'db.mongodb.component': 'NETWORK',
      'db.mongodb.context': 'conn42',
      message: 'end connection 127.0.0.1:51234',
    },
  ],
  [
    'MONGO_SLOWQUERY',
    'query shop.orders query: { id: 7 } ntoreturn:10 ntoskip:0 nscanned:5000 keyUpdates:0 nreturned:1 reslen:20 153ms',
    {
      'db.mongodb.profile.op': 'query',
      'db.mongodb.database': 'shop',
      'db.mongodb.collection': 'orders',
      'db.mongodb.query.original': 'id: 7',
      'db.mongodb.profile.ntoreturn': 10,
      'db.mongodb.profile.ntoskip': 0,
      'db.mongodb.profile.nscanned': 5000,
      'db.mongodb.profile.nreturned': 1,
      'db.mongodb.profile.duration': 153,
    },
  ],
  [
    'POSTGRESQL',
    '2026-11-22 08:00:00 UTC joe 5f3c.1a 6714',
    {
      timestamp: '2026-11-22 08:00:00',
      'event.timezone': 'UTC',
      'user.name': 'joe',
      'postgresql.log.connection_id': '5f3c.1a',
      'process.pid': 6714,
    },
  ],
  [
    'REDISMONLOG',
    '1795334400.123456 [0 127.0.0.1:60866] "set" "a" "1"',
    {
      timestamp: '1795334400.123456',
      'redis.database.id': '0',
      'client.address': '127.0.0.1',
      'client.port': 60866,
      'redis.command.name': 'set',
      'redis.command.args': '"a" "1"',
    },
  ],
])
