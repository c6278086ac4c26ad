import { maybe, type Patterns } from './parts.ts'

const ID = '[0-9A-Za-z]'

/** What Exim logs of a message that arrives. Source: https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html */
export const MAIL: Patterns = {
  EXIM_MSGID: `${ID}{6}-(?:${ID}{11}-${ID}{4}|${ID}{6}-${ID}{2})`,
  EXIM_FLAGS: String.raw`(?:<=|=>|->|\*>|\*\*|==|<>|>>)`,
  EXIM_DATE: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{TIME}',
  EXIM_PID: String.raw`\[%{POSINT:process.pid:int}\]`,
  EXIM_QT: [...'ywdhms'].map((unit) => `(?:[0-9]+${unit})?`).join(''),
  EXIM_EXCLUDE_TERMS: `(?:${[
    'Message is frozen',
    '(?:Start|End) queue run',
    ' Warning: ',
    ' retry time not reached ',
    ' no (?:IP address|host name) found for (?:IP address|host) ',
    ' unexpected disconnection while reading SMTP command ',
    ' no immediate delivery: ',
    'another process is handling this message',
  ].join('|')})`,
  EXIM_REMOTE_HOST: `H=${maybe(String.raw`(?:\(%{NOTSPACE:source.host.name}\)|%{HOSTNAME:source.host.name}) `)}${maybe(String.raw`\(%{NOTSPACE:exim.log.remote_address}\) `)}${String.raw`\[%{IP:source.address}\]`}${maybe(':%{POSINT:source.port:int}')}`,
  EXIM_INTERFACE: String.raw`I=\[%{IP:destination.address}\]${maybe(':%{POSINT:destination.port:int}')}`,
  EXIM_PROTOCOL: 'P=%{NOTSPACE:network.protocol.name}',
  EXIM_MSG_SIZE: 'S=%{NUMBER:exim.log.message.body.size:int}',
  EXIM_HEADER_ID: 'id=%{NOTSPACE:exim.log.header_id}',
  EXIM_QUOTED_CONTENT: String.raw`(?:\\.|[^\\"])*`,
  EXIM_SUBJECT: 'T="%{EXIM_QUOTED_CONTENT:exim.log.message.subject}"',
  EXIM_UNKNOWN_FIELD: '[A-Za-z0-9]{1,4}=(?:%{QUOTEDSTRING}|%{NOTSPACE})',
  EXIM_NAMED_FIELDS:
    '(?: (?:%{EXIM_REMOTE_HOST}|%{EXIM_INTERFACE}|%{EXIM_PROTOCOL}|%{EXIM_MSG_SIZE}|%{EXIM_HEADER_ID}|%{EXIM_SUBJECT}|%{EXIM_UNKNOWN_FIELD}))*',
  EXIM_MESSAGE_ARRIVAL: `%{EXIM_DATE:timestamp} ${maybe('%{EXIM_PID} ')}%{EXIM_MSGID:exim.log.message.id} (?P<exim.log.flags><=) ${maybe('(?P<exim.log.status>[a-z]:) ')}%{EMAILADDRESS:exim.log.sender.email}%{EXIM_NAMED_FIELDS}${maybe(maybe(' from <?%{DATA:exim.log.sender.original}>?'), ' for %{EMAILADDRESS:exim.log.recipient.email}')}`,
  EXIM: '%{EXIM_MESSAGE_ARRIVAL}',
}
