import { type Infer, object } from '../../config/fields.ts'
import { timeoutField } from '../exporter_helper.ts'
import { grpcClientFields } from '../net/grpc_client_fields.ts'
import { targetFault } from '../net/grpc_target.ts'
import { queueFields } from '../queue.ts'
import { retryFields } from '../retry.ts'

/** What an exporter of OTLP over gRPC takes; nobody has looked yet whether it has an endpoint. */
export const otlpGrpcFields = object({
  ...grpcClientFields,
  timeout: timeoutField(5000),
  sending_queue: queueFields,
  retry_on_failure: retryFields,
})

/** What stands under `exporters::otlp_grpc`. */
export const schema = otlpGrpcFields
  .extend({})
  .check(({ endpoint }) => endpoint === '' && targetFault(endpoint))

export type OtlpGrpcConfig = Infer<typeof schema>
