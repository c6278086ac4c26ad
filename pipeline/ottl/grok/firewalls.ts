import { CISCO } from './cisco.ts'
import { DESTINATION, maybe, type Patterns, SOURCE } from './parts.ts'

const R = String.raw

/** Source: ScreenOS Message Log Reference Guide, traffic log */
const NETSCREEN: Patterns = {
  NETSCREENSESSIONLOG: [
    R`%{SYSLOGTIMESTAMP:timestamp} %{IPORHOST:observer.hostname} %{NOTSPACE:observer.name}: (?P<observer.product>NetScreen) device_id=%{WORD:netscreen.device_id} .*?`,
    maybe(R`system-\w+-%{NONNEGINT:event.code}\(%{WORD:netscreen.session.type}\)`),
    ': start_time="%{DATA:netscreen.session.start_time}" duration=%{INT:netscreen.session.duration:int}',
    ' policy_id=%{INT:netscreen.policy_id} service=%{DATA:netscreen.service} proto=%{INT:netscreen.protocol_number:int}',
    ' src zone=%{WORD:observer.ingress.zone} dst zone=%{WORD:observer.egress.zone} action=%{WORD:event.action}',
    ' sent=%{INT:source.bytes:int} rcvd=%{INT:destination.bytes:int}',
    ' src=%{IPORHOST:source.address} dst=%{IPORHOST:destination.address}',
    maybe(' src_port=%{INT:source.port:int} dst_port=%{INT:destination.port:int}'),
    maybe(
      ' src-xlated ip=%{IP:source.nat.ip} port=%{INT:source.nat.port:int}',
      ' dst-xlated ip=%{IP:destination.nat.ip} port=%{INT:destination.nat.port:int}',
    ),
    maybe(' session_id=%{INT:netscreen.session.id} reason=%{GREEDYDATA:netscreen.session.reason}'),
  ].join(''),
}

const rule = (side: string) => `(?:None|%{DATA:juniper.srx.${side}_nat_rule_name})`
const ZONES = '%{DATA:rule.name} %{DATA:observer.ingress.zone} %{DATA:observer.egress.zone}'
const ENDS = `${SOURCE}->${DESTINATION} %{DATA:juniper.srx.service_name}`
const TRANSLATED = `%{IP:source.nat.ip}/%{INT:source.nat.port:int}->%{IP:destination.nat.ip}/%{INT:destination.nat.port:int} ${rule('src')} ${rule('dst')} %{INT:network.iana_number} ${ZONES} %{INT:juniper.srx.session_id}`
const TAG = '%{RT_FLOW_TAG:juniper.srx.tag}'

/** Source: Junos OS system log messages, RT_FLOW_SESSION_... */
const JUNOS: Patterns = {
  RT_FLOW_TAG: '(?:RT_FLOW_SESSION_CREATE|RT_FLOW_SESSION_CLOSE|RT_FLOW_SESSION_DENY)',
  RT_FLOW_EVENT: '%{RT_FLOW_TAG}',
  RT_FLOW1: R`${TAG}: %{GREEDYDATA:juniper.srx.reason}: ${ENDS} ${TRANSLATED} \d+\(%{INT:source.bytes:int}\) \d+\(%{INT:destination.bytes:int}\) %{INT:juniper.srx.elapsed_time:int} .*`,
  RT_FLOW2: `${TAG}: session created ${ENDS} ${TRANSLATED} .*`,
  RT_FLOW3: R`${TAG}: session denied ${ENDS} %{INT:network.iana_number}\(\d\) ${ZONES} .*`,
}

/** What stands before the kernel's line. Source: https://shorewall.org/shorewall_logging.html and the SuSEfirewall2 documentation */
const OF_LINUX: Patterns = {
  SHOREWALL:
    '%{SYSLOGTIMESTAMP:timestamp} %{WORD:observer.hostname} .*Shorewall:(?:%{WORD:shorewall.firewall.type})?:(?:%{WORD:shorewall.firewall.action})?.*%{IPTABLES}',
  SFW2_LOG_PREFIX: 'SFW2-INext-%{NOTSPACE:suse.firewall.action}',
  SFW2: R`(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\s*%{HOSTNAME:observer.hostname}.*?%{SFW2_LOG_PREFIX:suse.firewall.log_prefix}\s*%{IPTABLES}`,
}

/** Of firewalls; that of Linux itself is among those of the system. */
export const FIREWALLS: Patterns = { ...NETSCREEN, ...JUNOS, ...OF_LINUX, ...CISCO }
