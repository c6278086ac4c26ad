/** Commands of Redis of which every argument is a key, or says how. */
const KEYS_ONLY = new Set(
  'DEL EXISTS EXPIRE GET GETDEL HGETALL HKEYS HLEN HVALS INCR DECR KEYS LLEN LPOP MGET PERSIST RPOP SCARD SMEMBERS STRLEN TOUCH TTL TYPE UNLINK WATCH ZCARD'.split(
    ' ',
  ),
)

/** Commands whose first argument is a key; what follows it is taken out. */
const KEY_FIRST = new Set(
  'APPEND GETEX GETSET HDEL HEXISTS HGET HINCRBY HMGET HMSET HSCAN HSET HSETNX INCRBY DECRBY LINDEX LINSERT LPUSH LPUSHX LRANGE LREM LSET LTRIM PFADD PSETEX PUBLISH RESTORE RPUSH RPUSHX SADD SET SETBIT SETEX SETNX SETRANGE SISMEMBER SMOVE SPOP SREM XADD ZADD ZINCRBY ZRANGE ZRANK ZREM ZREVRANK ZSCORE GEOADD GEODIST GEOHASH GEOPOS BITFIELD GETRANGE'.split(
    ' ',
  ),
)

/** Commands that have no key, or secrets in the place of one. */
const OTHERS = new Set(
  'AUTH CLIENT CONFIG ECHO EVAL EVALSHA FCALL HELLO MIGRATE MSET MSETNX PING SCRIPT ACL SELECT SUBSCRIBE PSUBSCRIBE'.split(
    ' ',
  ),
)

/**
 * A command of Redis without its values: `SET user:1 ?`. Several stand in several lines. With `all`, it is known
 * to be one, and one that nobody knows keeps its name alone; else such a text stays.
 */
export const withoutValues = (text: string, all: boolean): string =>
  text
    .split('\n')
    .map((line) => oneCommand(line, all))
    .join('\n')

function oneCommand(line: string, all: boolean): string {
  const [, lead = '', name = '', rest = ''] = /^(\s*)(\S+)([\s\S]*)$/.exec(line) ?? []
  const command = name.toUpperCase()
  if (rest.trim() === '' || KEYS_ONLY.has(command)) return line
  if (!KEY_FIRST.has(command)) return all || OTHERS.has(command) ? `${lead}${name} ?` : line
  const [, key = '', values = ''] = /^\s+("(?:[^"\\]|\\.)*"|\S+)([\s\S]*)$/.exec(rest) ?? []
  return values.trim() === '' ? line : `${lead}${name} ${key} ?`
}

const STORES = /^(?:set|add|replace|append|prepend|cas|ms)\b/i

/** A command of memcached without the value, which follows its first line. */
export function withoutStored(text: string): string {
  const end = text.search(/\r?\n/)
  return end >= 0 && STORES.test(text) ? text.slice(0, end) : text
}

/**
 * JSON with "?" for every value, or several of them, one in each line. With `all`, it is known to be a statement,
 * and one that is no JSON (cut off, say) goes whole; else such a text stays.
 */
export function withoutJsonValues(text: string, all: boolean): string {
  const masked = maskedJson(text)
  if (masked !== undefined) return masked
  const lines = text.split('\n').map((line) => (line.trim() === '' ? line : maskedJson(line)))
  const whole = lines.every((line) => line !== undefined)
  return whole ? lines.join('\n') : all ? '?' : text
}

/** Undefined for what is no object or list. */
function maskedJson(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    const leaf = (_key: string, value: unknown) =>
      typeof value === 'object' && value !== null ? value : '?'
    return JSON.stringify(JSON.parse(text), leaf)
  } catch {
    return undefined // no JSON, or nested deeper than the stack
  }
}
