import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { forwardedClient } from './forwarded.ts'
import { isOtlpExport } from './otlp.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './redact.ts'
import { authority, type RequestUrl, requestUrl } from './url.ts'

const url = (scheme: string, host: string, port: number, path: string, query = ''): RequestUrl => ({
  scheme,
  host,
  port,
  path,
  query,
})

const targets: [name: string, method: string, target: string, host: string, want: RequestUrl][] = [
  ['origin form', 'GET', '/a/b?c=d', 'h:8080', url('', 'h', 8080, '/a/b', 'c=d')],
  ['no query', 'GET', '/', 'h', url('', 'h', 0, '/')],
  ["a second question mark is the query's", 'GET', '/?a?b', 'h', url('', 'h', 0, '/', 'a?b')],
  ['absolute form overrules Host', 'GET', 'http://x:81/y?z', 'h', url('http', 'x', 81, '/y', 'z')],
  ['absolute form without a path', 'GET', 'https://x?z', '', url('https', 'x', 0, '/', 'z')],
  [
    'absolute form with credentials',
    'GET',
    'http://user:secret@x/y',
    '',
    url('http', 'x', 0, '/y'),
  ],
  ['asterisk form', 'OPTIONS', '*', 'h', url('', 'h', 0, '*')],
  ['authority form', 'CONNECT', 'x:443', 'h', url('', 'x', 443, '')],
  ['two slashes are a path, not a host', 'GET', '//x/y', 'h', url('', 'h', 0, '//x/y')],
  ['a target of no form', 'GET', 'nonsense', 'h', url('', 'h', 0, 'nonsense')],
]

const hosts: [text: string, host: string, port: number][] = [
  ['a', 'a', 0],
  ['a:80', 'a', 80],
  ['[::1]:8080', '::1', 8080],
  ['[::1]', '::1', 0],
  ['a:', 'a', 0],
  ['a:70000', 'a', 0],
  ['a:8x', 'a', 0],
  ['u:p@a:1', 'a', 1],
  ['', '', 0],
]

const queries: [query: string, want: string][] = [
  ['a=1&b=2', 'a=1&b=2'],
  ['sig=abc', 'sig=REDACTED'],
  ['q=x&sig=abc&r=y', 'q=x&sig=REDACTED&r=y'],
  [
    'X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Security-Token=3',
    'X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED',
  ],
  ['AWSAccessKeyId=1&Signature=2', 'AWSAccessKeyId=REDACTED&Signature=REDACTED'],
  ['X-Goog-Signature=1', 'X-Goog-Signature=REDACTED'],
  [
    'token=1&jwt=2&password=3&otp=4&card=5&ssn=6',
    'token=REDACTED&jwt=REDACTED&password=REDACTED&otp=REDACTED&card=REDACTED&ssn=REDACTED',
  ],
  ['Password=1', 'Password=REDACTED'],
  ['s%69g=1', 's%69g=REDACTED'],
  ['s%zzg=1', 's%zzg=1'],
  ['sig', 'sig'],
  ['sig=', 'sig=REDACTED'],
  ['sig=a=b', 'sig=REDACTED'],
  ['design=1&sigma=2', 'design=1&sigma=2'],
  ['&&sig=1&', '&&sig=REDACTED&'],
  ['', ''],
]

describe('http1 targets', () => {
  for (const [name, method, target, host, want] of targets) {
    test(name, () => assert.deepEqual(requestUrl(method, target, host), want))
  }
  for (const [text, host, port] of hosts) {
    test(`host ${text}`, () => assert.deepEqual(authority(text), { host, port }))
  }
})

describe('http1 query redaction', () => {
  const redact = redactor(SENSITIVE_QUERY_PARAMETERS)
  for (const [query, want] of queries) {
    test(query, () => {
      assert.equal(redact(query), want)
      const bytes = Buffer.from(`x=${query}&sig=1`, 'latin1')
      // What has to change is never taken for what has not.
      if (query !== want) assert.ok(redact.mayChange(bytes, 2, 2 + query.length))
    })
  }

  test("a list of one's own takes the place of the default", () => {
    assert.equal(redactor(['x'])('x=1&sig=2'), 'x=REDACTED&sig=2')
  })
})

const PROTOBUF = 'application/x-protobuf'
const exports: [
  name: string,
  method: string,
  path: string,
  contentType: string,
  complete: boolean,
  want: boolean,
][] = [
  ['traces', 'POST', '/v1/traces', PROTOBUF, true, true],
  ['metrics behind a prefix', 'POST', '/otlp/v1/metrics', PROTOBUF, true, true],
  [
    'logs as JSON with a charset',
    'POST',
    '/v1/logs',
    'application/json; charset=utf-8',
    true,
    true,
  ],
  ['profiles', 'POST', '/v1development/profiles', PROTOBUF, true, true],
  [
    'gRPC',
    'POST',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'application/grpc',
    true,
    true,
  ],
  ['the content type beyond the capture', 'POST', '/v1/traces', '', false, true],
  ['no content type', 'POST', '/v1/traces', '', true, false],
  ['another content type', 'POST', '/v1/traces', 'text/plain', true, false],
  ['another path', 'POST', '/v1/tracesx', PROTOBUF, true, false],
  ['another method', 'GET', '/v1/traces', PROTOBUF, true, false],
  ['another service', 'POST', '/my.v1.TraceService/Export', 'application/grpc', true, false],
]

describe('OTLP exports', () => {
  for (const [name, method, path, contentType, complete, want] of exports) {
    test(name, () => assert.equal(isOtlpExport({ method, contentType, complete }, path), want))
  }
})

const clients: [name: string, forwarded: string, forwardedFor: string, want: string][] = [
  ['none', '', '', ''],
  ['X-Forwarded-For, the first of many', '', '1.2.3.4, 5.6.7.8', '1.2.3.4'],
  ['X-Forwarded-For with IPv6', '', '2001:db8::1', '2001:db8::1'],
  ['Forwarded', 'for=1.2.3.4;proto=http, for=5.6.7.8', '', '1.2.3.4'],
  ['Forwarded with IPv6 and port', 'proto=http;For="[2001:db8::1]:4711"', '', '2001:db8::1'],
  ['Forwarded before X-Forwarded-For', 'for=1.2.3.4', '9.9.9.9', '1.2.3.4'],
  ['a hidden client', 'for=_hidden', '', ''],
  ['an unknown client', 'for=unknown', '9.9.9.9', '9.9.9.9'],
]

describe('forwarded client', () => {
  for (const [name, forwarded, forwardedFor, want] of clients) {
    test(name, () => assert.equal(forwardedClient({ forwarded, forwardedFor }), want))
  }
})
