import { maybe, or, type Patterns, row } from './parts.ts'

const dash = (part: string) => or('-', part)
const unmeasured = (part: string) => or('-1', part)

/** Source: https://httpd.apache.org/docs/2.4/logs.html */
const HTTPD: Patterns = {
  HTTPDUSER: '(?:%{EMAILADDRESS}|%{USER})',
  HTTPDERROR_DATE: '%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}',
  HTTPD_COMMONLOG: row(
    ' ',
    'IPORHOST:source.address',
    dash('HTTPDUSER:apache.access.user.identity'),
    dash('HTTPDUSER:user.name'),
    String.raw`\[%{HTTPDATE:timestamp}\]`,
    `"(?:%{WORD:http.request.method} %{NOTSPACE:url.original}${maybe(' HTTP/%{NUMBER:http.version}')}|%{DATA})"`,
    dash('INT:http.response.status_code:int'),
    dash('INT:http.response.body.size:int'),
  ),
  HTTPD_COMBINEDLOG:
    '%{HTTPD_COMMONLOG} "(?:-|%{DATA:http.request.referrer})" "(?:-|%{DATA:user_agent.original})"',
  COMMONAPACHELOG: '%{HTTPD_COMMONLOG}',
  COMBINEDAPACHELOG: '%{HTTPD_COMBINEDLOG}',
  HTTPD20_ERRORLOG: row(
    ' ',
    String.raw`\[%{HTTPDERROR_DATE:timestamp}\]`,
    String.raw`\[%{LOGLEVEL:log.level}\]`,
    `${maybe(String.raw`\[client %{IPORHOST:source.address}\] `)}%{GREEDYDATA:message}`,
  ),
  HTTPD24_ERRORLOG: [
    String.raw`\[%{HTTPDERROR_DATE:timestamp}\]`,
    String.raw` \[${maybe('%{WORD:apache.error.module}')}:%{LOGLEVEL:log.level}\]`,
    String.raw` \[pid %{POSINT:process.pid:long}${maybe(':tid %{INT:process.thread.id:int}')}\]`,
    maybe(
      String.raw` \(%{POSINT:apache.error.proxy.error.code}\)%{DATA:apache.error.proxy.error.message}:`,
    ),
    maybe(String.raw` \[client %{IPORHOST:source.address}(?::%{POSINT:source.port:int})?\]`),
    maybe(' %{DATA:error.code}:'),
    ' %{GREEDYDATA:message}',
  ].join(''),
  HTTPD_ERRORLOG: '(?:%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG})',
}

const SYSLOG_HEAD =
  '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}) %{IPORHOST:host.name} %{SYSLOGPROG}: '
const FROM = String.raw`%{IP:source.address}:%{INT:source.port:int} \[%{HAPROXYDATE:haproxy.request_date}\] %{NOTSPACE:haproxy.frontend_name} %{NOTSPACE:haproxy.backend_name}/${or('<NOSRV>', 'NOTSPACE:haproxy.server_name')}`
const WAITS = [
  unmeasured('INT:haproxy.total_waiting_time_ms:int'),
  unmeasured('INT:haproxy.connection_wait_time_ms:int'),
]
const TOTAL = 'NOTSPACE:haproxy.total_time_ms'
const LOAD = `${row('/', ...['active', 'frontend', 'backend', 'server', 'retries'].map((of) => `INT:haproxy.connections.${of}:int`))} %{INT:haproxy.server_queue:int}/%{INT:haproxy.backend_queue:int}`

/** Source: https://docs.haproxy.org/3.2/configuration.html, section 8.2 */
const HAPROXY: Patterns = {
  HAPROXYTIME: String.raw`\b%{HOUR}:%{MINUTE}(?::%{SECOND})?\b`,
  HAPROXYDATE: '%{MONTHDAY}/%{MONTH}/%{YEAR}:%{HAPROXYTIME}.%{INT}',
  HAPROXYCAPTUREDREQUESTHEADERS: dash('DATA:haproxy.http.request.captured_headers'),
  HAPROXYCAPTUREDRESPONSEHEADERS: dash('DATA:haproxy.http.response.captured_headers'),
  HAPROXYURI: `${maybe('%{URIPROTO:url.scheme}://')}${maybe('%{USER:url.username}(?::[^@]*)?@')}${maybe('%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?')}${maybe(String.raw`%{URIPATH:url.path}(?:\?%{URIQUERY:url.query})?`)}`,
  HAPROXYHTTPREQUESTLINE: `(?:<BADREQ>|%{WORD:http.request.method} %{HAPROXYURI:url.original}${maybe(' HTTP/%{NUMBER:http.version}')})`,
  HAPROXYHTTPBASE: `${row(
    ' ',
    FROM,
    row(
      '/',
      unmeasured('INT:haproxy.http.request.time_wait_ms:int'),
      ...WAITS,
      unmeasured('INT:haproxy.http.request.time_wait_without_data_ms:int'),
      TOTAL,
    ),
    'INT:http.response.status_code:int',
    'INT:source.bytes:long',
    dash('DATA:haproxy.http.request.captured_cookie'),
    dash('DATA:haproxy.http.response.captured_cookie'),
    'NOTSPACE:haproxy.termination_state',
    LOAD,
  )}${maybe(String.raw` \{%{HAPROXYCAPTUREDREQUESTHEADERS}\}(?: \{%{HAPROXYCAPTUREDRESPONSEHEADERS}\})?`)}${maybe(' "%{HAPROXYHTTPREQUESTLINE}"?')}`,
  HAPROXYHTTP: `${SYSLOG_HEAD}%{HAPROXYHTTPBASE}`,
  HAPROXYTCP: `${SYSLOG_HEAD}${row(
    ' ',
    FROM,
    row('/', ...WAITS, TOTAL),
    'INT:source.bytes:long',
    'NOTSPACE:haproxy.termination_state',
    LOAD,
  )}`,
}

/** Source: https://wiki.squid-cache.org/Features/LogFormat */
const SQUID: Patterns = {
  SQUID3_STATUS: or('0|000', 'POSINT:http.response.status_code:int'),
  SQUID3: row(
    String.raw`\s`,
    String.raw`%{NUMBER:timestamp}\s+%{NUMBER:squid.request.duration:int}`,
    'IP:source.address',
    '%{WORD:event.action}/%{SQUID3_STATUS}',
    'INT:http.response.bytes:long',
    'WORD:http.request.method',
    'NOTSPACE:url.original',
    dash('NOTSPACE:user.name'),
    `%{WORD:squid.hierarchy_code}/${dash('IPORHOST:destination.address')}`,
    dash('NOTSPACE:http.response.mime_type'),
  ),
}

/** Source: https://kb.isc.org/docs/aa-00434 */
const BIND9: Patterns = {
  BIND9_TIMESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}',
  BIND9_DNSTYPE: '[A-Z][A-Z0-9]*',
  BIND9_CATEGORY: 'queries',
  BIND9_QUESTION_CLASS: 'IN',
  BIND9_QUERYLOGBASE: String.raw`client(?: @0x[0-9A-Fa-f]+)? %{IP:client.address}#%{POSINT:client.port:int} \(%{NOTSPACE:bind.log.question.name}\): query: %{NOTSPACE:dns.question.name} %{BIND9_QUESTION_CLASS:dns.question.class} %{BIND9_DNSTYPE:dns.question.type}${maybe(' %{DATA:bind.log.question.flags}')} \(%{IP:server.address}\)`,
  BIND9_QUERYLOG:
    '%{BIND9_TIMESTAMP:timestamp} %{BIND9_CATEGORY:bing.log.category}: %{LOGLEVEL:log.level}: %{BIND9_QUERYLOGBASE}',
  BIND9: '%{BIND9_QUERYLOG}',
}

/** Of web servers, proxies and name servers. */
export const SERVERS: Patterns = { ...HTTPD, ...HAPROXY, ...SQUID, ...BIND9 }
