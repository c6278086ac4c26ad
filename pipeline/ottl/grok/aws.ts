import { maybe, or, type Patterns, row } from './parts.ts'

const dash = (part: string) => or('-', part)
/** A time that is -1 where the load balancer could not measure it. */
const seconds = (name: string) => or('-1', `NUMBER:aws.elb.${name}_processing_time.sec:float`)
const quoted = (part: string) => `"${dash(part)}"`

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html */
const s3AccessLog = () =>
  row(
    ' ',
    'WORD:aws.s3access.bucket_owner',
    'NOTSPACE:aws.s3access.bucket',
    String.raw`\[%{HTTPDATE:timestamp}\]`,
    dash('IP:client.address'),
    dash('NOTSPACE:client.user.id'),
    'NOTSPACE:aws.s3access.request_id',
    'NOTSPACE:aws.s3access.operation',
    dash('NOTSPACE:aws.s3access.key'),
    '(?:-|"%{S3_REQUEST_LINE:aws.s3access.request_uri}")',
    dash('INT:http.response.status_code:int'),
    dash('NOTSPACE:aws.s3access.error_code'),
    dash('INT:aws.s3access.bytes_sent:long'),
    dash('INT:aws.s3access.object_size:long'),
    dash('INT:aws.s3access.total_time:int'),
    dash('INT:aws.s3access.turn_around_time:int'),
    quoted('DATA:http.request.referrer'),
    quoted('DATA:user_agent.original'),
    dash('NOTSPACE:aws.s3access.version_id'),
  ) +
  maybe(
    ' ',
    row(
      ' ',
      dash('NOTSPACE:aws.s3access.host_id'),
      dash('NOTSPACE:aws.s3access.signature_version'),
      dash('NOTSPACE:tls.cipher'),
      dash('NOTSPACE:aws.s3access.authentication_type'),
      dash('NOTSPACE:aws.s3access.host_header'),
      dash('NOTSPACE:aws.s3access.tls_version'),
    ),
  )

/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html */
const elbAccessLog = () =>
  row(
    ' ',
    'TIMESTAMP_ISO8601:timestamp',
    'NOTSPACE:aws.elb.name',
    '%{IP:source.address}:%{INT:source.port:int}',
    '(?:-|%{IP:aws.elb.backend.ip}:%{INT:aws.elb.backend.port:int})',
    ...['request', 'backend', 'response'].map(seconds),
    'INT:http.response.status_code:int',
    dash('INT:aws.elb.backend.http.response.status_code:int'),
    'INT:http.request.body.size:long',
    'INT:http.response.body.size:long',
    '"%{ELB_REQUEST_LINE}"',
  ) +
  maybe(
    ' ',
    row(
      ' ',
      quoted('DATA:user_agent.original'),
      dash('NOTSPACE:tls.cipher'),
      dash('NOTSPACE:aws.elb.ssl_protocol'),
    ),
  )

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html */
const cloudFrontAccessLog = () =>
  row(
    String.raw`\t`,
    String.raw`(?P<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\t%{TIME})`,
    'WORD:aws.cloudfront.x_edge_location',
    dash('INT:destination.bytes:long'),
    'IPORHOST:source.address',
    'WORD:http.request.method',
    'HOSTNAME:url.domain',
    'NOTSPACE:url.path',
    or('000', 'INT:http.response.status_code:int'),
    dash('DATA:http.request.referrer'),
    'DATA:user_agent.original',
    dash('DATA:url.query'),
    dash('DATA:aws.cloudfront.http.request.cookie'),
    'WORD:aws.cloudfront.x_edge_result_type',
    'NOTSPACE:aws.cloudfront.x_edge_request_id',
    'HOSTNAME:aws.cloudfront.http.request.host',
    'URIPROTO:network.protocol.name',
    dash('INT:source.bytes:long'),
    'NUMBER:aws.cloudfront.time_taken:float',
    dash('IP:network.forwarded_ip'),
    dash('DATA:aws.cloudfront.ssl_protocol'),
    dash('NOTSPACE:tls.cipher'),
    'WORD:aws.cloudfront.x_edge_response_result_type',
  ) +
  maybe(
    String.raw`\t`,
    row(
      String.raw`\t`,
      '(?:-|HTTP/%{NUMBER:http.version})',
      dash('DATA:aws.cloudfront.fle_status'),
      dash('DATA:aws.cloudfront.fle_encrypted_fields'),
      'INT:source.port:int',
      'NUMBER:aws.cloudfront.time_to_first_byte:float',
      dash('DATA:aws.cloudfront.x_edge_detailed_result_type'),
      dash('NOTSPACE:http.request.mime_type'),
      dash('INT:aws.cloudfront.http.request.size:long'),
      dash('INT:aws.cloudfront.http.request.range.start:long'),
      dash('INT:aws.cloudfront.http.request.range.end:long'),
    ),
  )

export const AWS: Patterns = {
  S3_REQUEST_LINE: `%{WORD:http.request.method} %{NOTSPACE:url.original}${maybe(' HTTP/%{NUMBER:http.version}')}`,
  S3_ACCESS_LOG: s3AccessLog(),
  ELB_URIHOST: `%{IPORHOST:url.domain}${maybe(':%{POSINT:url.port:int}')}`,
  ELB_URIPATHQUERY: `%{URIPATH:url.path}${maybe(String.raw`\?%{URIQUERY:url.query}`)}`,
  ELB_URIPATHPARAM: '%{ELB_URIPATHQUERY}',
  ELB_URI: `%{URIPROTO:url.scheme}://${maybe('%{USER:url.username}(?::[^@]*)?@')}${maybe('%{ELB_URIHOST}')}${maybe('%{ELB_URIPATHQUERY}')}`,
  ELB_REQUEST_LINE: `%{WORD:http.request.method} %{ELB_URI:url.original}${maybe(' HTTP/%{NUMBER:http.version}')}`,
  ELB_V1_HTTP_LOG: elbAccessLog(),
  ELB_ACCESS_LOG: '%{ELB_V1_HTTP_LOG}',
  CLOUDFRONT_ACCESS_LOG: cloudFrontAccessLog(),
}
