import { or, type Patterns, row } from './parts.ts'

/** Columns between tabs; `-` stands where there is nothing. */
const columns = (first: readonly string[], rest: readonly string[]): string =>
  row(String.raw`\t`, ...first, ...rest.map((part) => or('-', part)))

const texts = (prefix: string, ...names: readonly string[]): string[] =>
  names.map((name) => `BRO_DATA:${prefix}${name}`)
const bools = (prefix: string, ...names: readonly string[]): string[] =>
  names.map((name) => `BRO_BOOL:${prefix}${name}`)
const ints = (prefix: string, ...names: readonly string[]): string[] =>
  names.map((name) => `INT:${prefix}${name}:int`)

const CONNECTION = [
  'NUMBER:timestamp',
  'NOTSPACE:zeek.session_id',
  'IP:source.address',
  'INT:source.port:int',
  'IP:destination.address',
  'INT:destination.port:int',
]
/** A set, which says that it is empty. */
const set = (field: string): string => String.raw`(?:\(empty\)|%{BRO_DATA:${field}})`

/** What Zeek, once Bro, writes. Source: https://docs.zeek.org/en/master/script-reference/log-files.html */
export const ZEEK: Patterns = {
  BRO_BOOL: '[TF]',
  BRO_DATA: String.raw`[^\t]+`,
  BRO_HTTP: row(
    String.raw`\t`,
    columns(
      [...CONNECTION, 'INT:zeek.http.trans_depth:int'],
      [
        'WORD:http.request.method',
        ...texts('', 'url.domain', 'url.original', 'http.request.referrer', 'user_agent.original'),
        'NUMBER:http.request.body.size:int',
        'NUMBER:http.response.body.size:int',
        'POSINT:http.response.status_code:int',
        'DATA:zeek.http.status_msg',
        'POSINT:zeek.http.info_code:int',
        'DATA:zeek.http.info_msg',
        'BRO_DATA:zeek.http.filename',
      ],
    ),
    set('zeek.http.tags'),
    columns(
      [],
      [
        ...texts('', 'url.username', 'url.password', 'zeek.http.proxied', 'zeek.http.orig_fuids'),
        ...texts('', 'http.request.mime_type', 'zeek.http.resp_fuids', 'http.response.mime_type'),
      ],
    ),
  ),
  BRO_DNS: columns(
    [...CONNECTION, 'WORD:network.transport'],
    [
      'INT:dns.id:int',
      'BRO_DATA:dns.question.name',
      'INT:zeek.dns.qclass:int',
      'BRO_DATA:zeek.dns.qclass_name',
      'INT:zeek.dns.qtype:int',
      'BRO_DATA:dns.question.type',
      'INT:zeek.dns.rcode:int',
      'BRO_DATA:dns.response_code',
      ...bools('zeek.dns.', 'AA', 'TC', 'RD', 'RA'),
      'NONNEGINT:zeek.dns.Z:int',
      'BRO_DATA:zeek.dns.answers',
      'DATA:zeek.dns.TTLs',
      'BRO_BOOL:zeek.dns.rejected',
    ],
  ),
  BRO_CONN: row(
    String.raw`\t`,
    columns(
      [...CONNECTION, 'WORD:network.transport'],
      [
        'BRO_DATA:network.protocol.name',
        'NUMBER:zeek.connection.duration:float',
        ...ints('zeek.connection.', 'orig_bytes', 'resp_bytes'),
        'BRO_DATA:zeek.connection.state',
        'BRO_BOOL:zeek.connection.local_orig',
      ],
    ),
    String.raw`(?:(?:-|%{BRO_BOOL:zeek.connection.local_resp})\t)?${columns(
      [],
      [
        'INT:zeek.connection.missed_bytes:int',
        'BRO_DATA:zeek.connection.history',
        ...ints('', 'source.packets', 'source.bytes', 'destination.packets', 'destination.bytes'),
      ],
    )}`,
    set('zeek.connection.tunnel_parents'),
  ),
  BRO_FILES: columns(
    ['NUMBER:timestamp', 'NOTSPACE:zeek.files.fuid'],
    [
      'IP:server.address',
      'IP:client.address',
      ...texts('zeek.files.', 'session_ids', 'source'),
      'INT:zeek.files.depth:int',
      ...texts('', 'zeek.files.analyzers', 'file.mime_type', 'file.name'),
      'NUMBER:zeek.files.duration:float',
      'BRO_DATA:zeek.files.local_orig',
      'BRO_BOOL:zeek.files.is_orig',
      ...ints('', 'zeek.files.seen_bytes', 'file.size'),
      ...ints('zeek.files.', 'missing_bytes', 'overflow_bytes'),
      'BRO_BOOL:zeek.files.timedout',
      'BRO_DATA:zeek.files.parent_fuid',
      ...texts('file.hash.', 'md5', 'sha1', 'sha256'),
      'BRO_DATA:zeek.files.extracted',
    ],
  ),
}
