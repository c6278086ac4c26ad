import { maybe, type Patterns } from './parts.ts'

/** Source: https://tomcat.apache.org/tomcat-11.0-doc/logging.html */
const JAVA: Patterns = {
  JAVACLASS: String.raw`(?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*`,
  JAVAFILE: '[a-zA-Z$_0-9. -]+',
  JAVAMETHOD: '(?:<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*)',
  JAVASTACKTRACEPART: String.raw`%{SPACE}at %{JAVACLASS:java.log.origin.class.name}\.%{JAVAMETHOD:log.origin.function}\(%{JAVAFILE:log.origin.file.name}${maybe(':%{INT:log.origin.file.line:int}')}\)`,
  JAVATHREAD: '[A-Z]{2}-Processor[0-9]+',
  JAVALOGMESSAGE: '.*',
  CATALINA7_DATESTAMP: '%{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} (?:AM|PM)',
  CATALINA7_LOG: String.raw`%{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:java.log.origin.class.name}${maybe(' %{JAVAMETHOD:log.origin.function}')}\s*%{LOGLEVEL:log.level}: %{JAVALOGMESSAGE:message}`,
  CATALINA8_DATESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}',
  CATALINA8_LOG: String.raw`%{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:log.level} \[%{DATA:java.log.origin.thread.name}\] %{JAVACLASS:java.log.origin.class.name}\.%{JAVAMETHOD:log.origin.function} %{JAVALOGMESSAGE:message}`,
  CATALINA_DATESTAMP: '(?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP})',
  CATALINALOG: '(?:%{CATALINA8_LOG}|%{CATALINA7_LOG})',
  TOMCAT7_LOG: '%{CATALINA7_LOG}',
  TOMCAT8_LOG: '%{CATALINA8_LOG}',
  TOMCATLEGACY_DATESTAMP:
    '%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND}(?: %{ISO8601_TIMEZONE})?',
  TOMCATLEGACY_LOG: String.raw`%{TOMCATLEGACY_DATESTAMP:timestamp} \| %{LOGLEVEL:log.level} \| %{JAVACLASS:java.log.origin.class.name} - %{JAVALOGMESSAGE:message}`,
  TOMCAT_DATESTAMP: '(?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}|%{TOMCATLEGACY_DATESTAMP})',
  TOMCATLOG: '(?:%{TOMCAT8_LOG}|%{TOMCAT7_LOG}|%{TOMCATLEGACY_LOG})',
  MAVEN_VERSION: String.raw`(?:\d+\.)?(?:\d+\.)?(?:\*|\d+)(?:[.-](?:RELEASE|SNAPSHOT))?`,
}

const milliseconds = (name: string) => `%{NUMBER:rails.request.duration.${name}:float}ms`

/** Source: https://guides.rubyonrails.org/debugging_rails_applications.html and https://docs.ruby-lang.org/en/3.4/Logger.html */
const RUBY: Patterns = {
  RUBY_LOGLEVEL: '(?:DEBUG|FATAL|ERROR|WARN|INFO)',
  RUBY_LOGGER:
    '[DFEWI], \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int}\\] *%{RUBY_LOGLEVEL:log.level} -- +%{DATA:process.command}: %{GREEDYDATA:message}',
  RUUID: '[0-9A-Fa-f]{32}',
  RCONTROLLER: '%{JAVACLASS:rails.controller.class}#%{WORD:rails.controller.action}',
  RAILS3HEAD:
    '(?m)Started %{WORD:http.request.method} "%{URIPATHPARAM:url.original}" for %{IPORHOST:source.address} at (?P<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE})',
  RPROCESSING: String.raw`\s*Processing by %{RCONTROLLER} as %{NOTSPACE:rails.request.format}${maybe(String.raw`\s*Parameters: \{%{DATA:rails.request.params}\}`)}`,
  RAILS3PROFILE: String.raw`\(Views: ${milliseconds('view')} \| ActiveRecord: ${milliseconds('active_record')}|\(ActiveRecord: ${milliseconds('active_record')}`,
  RAILS3FOOT: `Completed %{POSINT:http.response.status_code:int}%{DATA} in ${milliseconds('total')}${maybe(' (?:%{RAILS3PROFILE})')}%{GREEDYDATA}`,
  RAILS3: String.raw`%{RAILS3HEAD}${maybe('%{RPROCESSING}')}(?P<rails.request.explain.original>(?:%{DATA}\n)*)${maybe('%{RAILS3FOOT}')}`,
}

/** Of Ruby's own logger, as MCollective has it. Source: https://docs.ruby-lang.org/en/master/Logger.html */
const MCOLLECTIVE: Patterns = {
  MCOLLECTIVE: String.raw`., \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int}\]%{SPACE}%{LOGLEVEL:log.level}`,
  MCOLLECTIVEAUDIT: '%{TIMESTAMP_ISO8601:timestamp}:',
}

/** Of programs in Java and Ruby. */
export const LANGUAGES: Patterns = { ...JAVA, ...RUBY, ...MCOLLECTIVE }
