import { DESTINATION, maybe, type Patterns, row, SOURCE } from './parts.ts'

const R = String.raw

const user = (side: string) => maybe(R`\(%{DATA:${side}.user.name}\)`)
const INGRESS = 'observer.ingress.interface.name'
const EGRESS = 'observer.egress.interface.name'
const OUTCOME = '%{CISCO_ACTION:cisco.asa.outcome}'
const DIRECTION = '%{CISCO_DIRECTION:cisco.asa.network.direction}'
const TRANSPORT = '%{WORD:cisco.asa.network.transport}'
const REASON = '%{CISCO_REASON:event.reason}'
const TYPE = '%{WORD:cisco.asa.network.type}'
const ON = `on interface %{NOTSPACE:${EGRESS}}`
const ICMP = R`\(type %{INT:cisco.asa.icmp_type:int}, code %{INT:cisco.asa.icmp_code:int}\)`
const HASHES = R`\[%{DATA:metadata.cisco.asa.hashcode1}, %{DATA:metadata.cisco.asa.hashcode2}\]`
const FLAGS = 'flags %{DATA:cisco.asa.tcp_flags}'
const endOf = (side: string, name: string, syntax = 'NOTSPACE') =>
  `%{${syntax}:${name}}:%{IP:${side}.address}/%{INT:${side}.port:int}`
const natOf = (side: string) => maybe(R` \(%{IP:${side}.nat.ip}/%{INT:${side}.nat.port:int}\)`)
/** Of an access list: `inside/192.0.2.9(22)`. */
const listed = (side: string, name: string) =>
  R`%{DATA:${name}}/%{IP:${side}.address}\(%{INT:${side}.port:int}\)`
const LIST = `access-list %{NOTSPACE:cisco.asa.rule_name} ${OUTCOME} ${TRANSPORT}`
const ip = (side: string, name: string) => `%{NOTSPACE:${name}}:%{IP:${side}.address}${user(side)}`
const host = (side: string, name: string) =>
  `%{NOTSPACE:${name}}:(?:%{IP:${side}.address}|%{HOSTNAME:${side}.address})${maybe(`/%{INT:${side}.port:int}`)}${user(side)}`
const failover = (text: string): string => R`\((?:Primary|Secondary)\) ${text}`
const monitored = (before: string, behind: string): string =>
  failover(`${before}[Ii]nterface %{NOTSPACE:network.interface.name}${behind}`)
const payload = (side: string) => {
  const field = `cisco.asa.original_ip_payload.${side}`
  return R`%{IP:${field}.address}/%{INT:${field}.port:int}(?:\(%{DATA:${field}.user.name}\))?`
}
const rates = (which: string, field: string): string =>
  `${which} rate is %{INT:cisco.asa.burst.${field}_rate:int} per second, max configured rate is %{INT:cisco.asa.burst.configured_${field === 'avg' ? 'avg_' : ''}rate:int}; `

/** Source: Cisco Secure Firewall ASA Series Syslog Messages */
export const CISCO: Patterns = {
  CISCOTIMESTAMP: '%{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}',
  CISCOTAG: '[A-Z0-9]+-%{INT}-[A-Z0-9_]+',
  CISCO_TAGGED_SYSLOG:
    '^<%{POSINT:log.syslog.priority:int}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:host.name})? ?: %%{CISCOTAG:cisco.asa.tag}:',
  CISCO_ACTION:
    'Built|Teardown|Deny|Denied|denied by ACL|requested|permitted|denied|discarded|est-allowed|Dropping|created|deleted',
  CISCO_REASON: R`Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS Response|DNS Query|(?:%{WORD}\s*)*`,
  CISCO_DIRECTION: '[Ii]nbound|[Oo]utbound',
  CISCO_INTERVAL: 'first hit|%{INT}-second interval',
  CISCO_XLATE_TYPE: 'static|dynamic',
  CISCO_HITCOUNT_INTERVAL:
    'hit-cnt %{INT:cisco.asa.hit_count:int} (?:first hit|%{INT:cisco.asa.interval:int}-second interval)',
  CISCO_SRC_IP_USER: ip('source', INGRESS),
  CISCO_DST_IP_USER: ip('destination', EGRESS),
  CISCO_SRC_HOST_PORT_USER: host('source', INGRESS),
  CISCO_DST_HOST_PORT_USER: host('destination', EGRESS),
  CISCOFW104001: failover('Switching to ACTIVE - %{GREEDYDATA:event.reason}'),
  CISCOFW104002: failover('Switching to STANDBY - %{GREEDYDATA:event.reason}'),
  CISCOFW104003: failover(R`Switching to FAILED\.`),
  CISCOFW104004: failover(R`Switching to OK\.`),
  CISCOFW105003: monitored('Monitoring on ', ' waiting'),
  CISCOFW105004: monitored('Monitoring on ', ' normal'),
  CISCOFW105005: monitored('Lost Failover communications with mate on ', ''),
  CISCOFW105008: monitored('Testing ', ''),
  CISCOFW105009: monitored('Testing on ', ' (?:Passed|Failed)'),
  CISCOFW106001: `${DIRECTION} ${TRANSPORT} connection ${OUTCOME} from ${SOURCE} to ${DESTINATION} ${FLAGS} ${ON}`,
  CISCOFW106006_106007_106010: `${OUTCOME} ${DIRECTION} ${TRANSPORT} (?:from|src) ${SOURCE}${user('source')} (?:to|dst) ${DESTINATION}${user('destination')} (?:${ON}|due to ${REASON})`,
  CISCOFW106014: R`${OUTCOME} ${DIRECTION} ${TRANSPORT} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER}\s?${ICMP}`,
  CISCOFW106015: R`${OUTCOME} ${TRANSPORT} \(%{DATA:cisco.asa.rule_name}\) from ${SOURCE} to ${DESTINATION} ${FLAGS} ${ON}`,
  CISCOFW106021: `${OUTCOME} ${TRANSPORT} reverse path check from %{IP:source.address} to %{IP:destination.address} ${ON}`,
  CISCOFW106023: R`%{CISCO_ACTION:action}(?: protocol)? %{WORD:network.protocol.name} src %{DATA:source.interface}:%{DATA:source.address}(?:/%{INT:source.port})?(?:\(%{DATA:source.fwuser}\))? dst %{DATA:destination.interface}:%{DATA:destination.address}(?:/%{INT:destination.port})?(?:\(%{DATA:destination.fwuser}\))?(?: \(type %{INT:icmp_type}, code %{INT:icmp_code}\))? by access-group "?%{DATA:policy_id}"? \[%{DATA:hashcode1}, %{DATA:hashcode2}\]`,
  CISCOFW106100: `${LIST} ${listed('source', INGRESS)}${user('source')} -> ${listed('destination', EGRESS)}${user('source')} hit-cnt %{INT:cisco.asa.hit_count:int} %{CISCO_INTERVAL} ${HASHES}`,
  CISCOFW106100_2_3: `${LIST} for user '%{DATA:user.name}' ${listed('source', INGRESS)} -> ${listed('destination', EGRESS)} %{CISCO_HITCOUNT_INTERVAL} ${HASHES}`,
  CISCOFW110002: `${REASON} for ${TRANSPORT} from ${endOf('source', INGRESS, 'DATA')} to ${DESTINATION}`,
  CISCOFW302010:
    '%{INT:cisco.asa.connections.in_use:int} in use, %{INT:cisco.asa.connections.most_used:int} most used',
  CISCOFW302013_302014_302015_302016: [
    `${OUTCOME}${maybe(` ${DIRECTION}`)} ${TRANSPORT} connection %{INT:cisco.asa.connection_id}`,
    ` for ${endOf('source', INGRESS)}${natOf('source')}${user('source')}`,
    ` to ${endOf('destination', EGRESS)}${natOf('destination')}${user('destination')}`,
    maybe(' duration %{TIME:cisco.asa.duration} bytes %{INT:network.bytes:int}'),
    maybe(` ${REASON}`),
    maybe(R` \(%{DATA:user.name}\)`),
  ].join(''),
  CISCOFW302020_302021: `${OUTCOME}${maybe(` ${DIRECTION}`)} ${TRANSPORT} connection for faddr %{IP:destination.address}/%{INT:cisco.asa.icmp_seq:int}${user('destination')} gaddr %{IP:source.nat.ip}/%{INT:cisco.asa.icmp_type:int} laddr %{IP:source.address}/%{INT}${maybe(R` \(%{DATA:source.user.name}\)`)}`,
  CISCOFW304001: `%{IP:source.address}${user('source')} Accessed URL %{IP:destination.address}:%{GREEDYDATA:url.original}`,
  CISCOFW305011: `${OUTCOME} %{CISCO_XLATE_TYPE} ${TRANSPORT} translation from %{DATA:${INGRESS}}:%{IP:source.address}${maybe('/%{INT:source.port:int}')}${user('source')} to ${endOf('destination', EGRESS, 'DATA')}`,
  CISCOFW313001_313004_313008: `${OUTCOME} ${TRANSPORT} type=%{INT:cisco.asa.icmp_type:int}, code=%{INT:cisco.asa.icmp_code:int} from %{IP:source.address} ${ON}${maybe(' to %{IP:destination.address}')}`,
  CISCOFW313005: R`${REASON} for ${TRANSPORT} error message: %{WORD} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER} ${ICMP} on %{NOTSPACE} interface\.\s+Original IP payload: %{WORD:cisco.asa.original_ip_payload.network.transport} src ${payload('source')} dst ${payload('destination')}`,
  CISCOFW321001:
    "Resource '%{DATA:cisco.asa.resource.name}' limit of %{POSINT:cisco.asa.resource.limit:int} reached for system",
  CISCOFW402117: R`${TYPE}: Received a non-IPSec packet \(protocol=\s?${TRANSPORT}\) from %{IP:source.address} to %{IP:destination.address}\.?`,
  CISCOFW402119: R`${TYPE}: Received an %{WORD:cisco.asa.ipsec.protocol} packet \(SPI=\s?%{DATA:cisco.asa.ipsec.spi}, sequence number=\s?%{DATA:cisco.asa.ipsec.seq_num}\) from %{IP:source.address} \(user=\s?%{DATA:source.user.name}\) to %{IP:destination.address} that failed anti-replay checking\.?`,
  CISCOFW419001: `${OUTCOME} ${TRANSPORT} packet from ${endOf('source', INGRESS)} to ${endOf('destination', EGRESS)}, reason: %{GREEDYDATA:event.reason}`,
  CISCOFW419002: `${REASON} from ${endOf('source', INGRESS, 'DATA')} to ${endOf('destination', EGRESS, 'DATA')} with different initial sequence number`,
  CISCOFW500004: `${REASON} for protocol=${TRANSPORT}, from ${SOURCE} to ${DESTINATION}`,
  CISCOFW602303_602304: R`${TYPE}: An ${DIRECTION} %{DATA:cisco.asa.ipsec.tunnel_type} SA \(SPI=%{DATA:cisco.asa.ipsec.spi}\) between %{IP:source.address} and %{IP:destination.address} \(user=%{DATA:source.user.name}\) has been ${OUTCOME}`,
  CISCOFW710001_710002_710003_710005_710006: `${TRANSPORT} (?:request|access) ${OUTCOME} from ${SOURCE} to ${endOf('destination', EGRESS, 'DATA')}`,
  CISCOFW713172: row(
    R`\s+`,
    'Group = %{DATA:cisco.asa.source.group}, IP = %{IP:source.address}, Automatic NAT Detection Status:',
    R`Remote end\s*%{DATA:metadata.cisco.asa.remote_nat}\s*behind a NAT device`,
    R`This\s+end\s*%{DATA:metadata.cisco.asa.local_nat}\s*behind a NAT device`,
  ),
  CISCOFW733100: R`\[\s*%{DATA:cisco.asa.burst.object}\s*\] drop %{DATA:cisco.asa.burst.id} exceeded\. ${rates('Current burst', 'current')}${rates('Current average', 'avg')}Cumulative total count is %{INT:cisco.asa.burst.cumulative_count:int}`,
}
