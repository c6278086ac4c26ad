import { maybe, or, type Patterns, row } from './parts.ts'

const dash = (part: string) => or('-', part)
const of = (name: string, part: string) => `${name}=${maybe(part)}`

/** Source: RFC 3164, RFC 5424 */
const SYSLOG: Patterns = {
  SYSLOGBASE2: `(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})${maybe(' %{SYSLOGFACILITY}')}${maybe(' %{SYSLOGHOST:host.name}')}${maybe(' %{SYSLOGPROG}:')}`,
  SYSLOGLINE: '%{SYSLOGBASE2} %{GREEDYDATA:message}',
  SYSLOGPAMSESSION: String.raw`%{SYSLOGBASE} (%{GREEDYDATA:message})%{WORD:system.auth.pam.module}\(%{DATA:system.auth.pam.origin}\): session %{WORD:system.auth.pam.session_state} for user %{USERNAME:user.name}(?: by %{GREEDYDATA})?`,
  CRON_ACTION: '[A-Z ]+',
  CRONLOG: String.raw`%{SYSLOGBASE} \(%{USER:user.name}\) %{CRON_ACTION:system.cron.action} \(%{DATA:message}\)`,
  SYSLOG5424PRINTASCII: '[!-~]+',
  SYSLOG5424PRI: '<%{NONNEGINT:log.syslog.priority:int}>',
  SYSLOG5424SD: String.raw`(?:\[%{DATA}\])+`,
  SYSLOG5424BASE: row(
    ' +',
    '%{SYSLOG5424PRI}%{NONNEGINT:system.syslog.version}',
    dash('TIMESTAMP_ISO8601:timestamp'),
    dash('IPORHOST:host.name'),
    dash('SYSLOG5424PRINTASCII:process.command'),
    dash('POSINT:process.pid:int'),
    dash('SYSLOG5424PRINTASCII:event.code'),
    maybe(dash('SYSLOG5424SD:system.syslog.structured_data')),
  ),
  SYSLOG5424LINE: '%{SYSLOG5424BASE} +%{GREEDYDATA:message}',
}

const hex = (name: string) => `0x%{BASE16NUM:iptables.${name}}`

/** What Linux' netfilter logs. Source: net/ipv4/netfilter/nf_log_ipv4.c, net/ipv6/netfilter/nf_log_ipv6.c */
const IPTABLES: Patterns = {
  IPTABLES_TCP_FLAGS: '(?:(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN) )*',
  IPTABLES_TCP_PART: `${maybe(String.raw`SEQ=%{INT:iptables.tcp.seq:int}\s+`)}${maybe(String.raw`ACK=%{INT:iptables.tcp.ack:int}\s+`)}${row(
    String.raw`\s+`,
    'WINDOW=%{INT:iptables.tcp.window:int}',
    `RES=${hex('tcp_reserved_bits')}`,
    'IPTABLES_TCP_FLAGS:iptables.tcp.flags',
  )}`,
  IPTABLES4_FRAG: String.raw`(?:\s?(?:CE|DF|MF))*`,
  IPTABLES4_PART: `${row(
    String.raw`\s+`,
    'SRC=%{IPV4:source.address}',
    'DST=%{IPV4:destination.address}',
    of('LEN', '%{INT:iptables.length:int}'),
    of('TOS', `(?:${hex('tos')}|0)`),
    of('PREC', hex('precedence_bits')),
    of('TTL', '%{INT:iptables.ttl:int}'),
    of('ID', '%{INT:iptables.id}'),
    maybe('%{IPTABLES4_FRAG:iptables.fragment_flags}'),
  )}${maybe(String.raw`\s+FRAG: %{INT:iptables.fragment_offset:int}`)}`,
  IPTABLES6_PART: row(
    String.raw`\s+`,
    'SRC=%{IPV6:source.address}',
    'DST=%{IPV6:destination.address}',
    of('LEN', '%{INT:iptables.length:int}'),
    of('TC', `(?:${hex('tos')}|0)`),
    of('HOPLIMIT', '%{INT:iptables.ttl:int}'),
    of('FLOWLBL', '%{INT:iptables.flow_label}'),
  ),
  IPTABLES: `${row(
    String.raw`\s+`,
    of('IN', '%{NOTSPACE:observer.ingress.interface.name}'),
    of('OUT', '%{NOTSPACE:observer.egress.interface.name}'),
    `${maybe(String.raw`MAC=(?:%{COMMONMAC:destination.mac})?(?::%{COMMONMAC:source.mac})?(?::[A-Fa-f0-9]{2}:[A-Fa-f0-9]{2})?\s+`)}(?:%{IPTABLES4_PART}|%{IPTABLES6_PART}).*?PROTO=${maybe('%{WORD:network.transport}')}`,
    of('SPT', '%{INT:source.port:int}'),
    of('DPT', '%{INT:destination.port:int}'),
    maybe('%{IPTABLES_TCP_PART}'),
  )}`,
}

/** Of the system itself. */
export const SYSTEM: Patterns = { ...SYSLOG, ...IPTABLES }
