import { bool, duration, endpoint, headers, object, optional, text } from '../../config/fields.ts'
import { authFields } from './auth.ts'
import { grpcCompressionField } from './compression.ts'
import { targetFault } from './grpc_target.ts'
import { refusedMiddlewares } from './refused.ts'
import { bufferSize } from './sizes.ts'
import { tlsClientFields } from './tls_fields.ts'

const BALANCERS = ['', 'round_robin', 'pick_first']
const UNUSED = 'Taken, but without effect: Node sizes it.'

/** What every gRPC client takes, with the Collector's names. */
export const grpcClientFields = {
  endpoint: endpoint()
    .default('')
    .check(targetFault)
    .describe('host:port, dns:///host:port, unix:///path; http:// and https:// decide about TLS.'),
  compression: grpcCompressionField().default('gzip'),
  tls: tlsClientFields,
  keepalive: optional(
    object({
      time: duration().min(0).default(0).describe('How often; 10s at least.'),
      timeout: duration().min(0).default(0).describe('For which an answer is awaited; 0 is 20s.'),
      permit_without_stream: bool()
        .default(false)
        .describe('Whether to ask while no call is under way.'),
    }),
  ).describe('Asks for signs of life; off unless it is there and time is set.'),
  read_buffer_size: bufferSize('read_buffer_size', 0).describe(UNUSED),
  write_buffer_size: bufferSize('write_buffer_size', 0).describe(UNUSED),
  wait_for_ready: bool()
    .default(false)
    .describe('Whether a request waits for a connection, up to timeout, instead of failing.'),
  headers: headers().describe('Sent with each request.'),
  balancer_name: text()
    .check((name) => !BALANCERS.includes(name) && `invalid balancer_name: ${name}`)
    .default('round_robin')
    .describe('Which of several addresses gets a request; empty is pick_first.'),
  authority: text().default('').describe('What to call the server instead of its endpoint.'),
  auth: authFields,
  user_agent: text().default('').describe('How we call ourselves.'),
  middlewares: refusedMiddlewares,
}
