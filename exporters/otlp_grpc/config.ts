import { type Infer, object } from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { grpcClientFields } from '../../pipeline/net/grpc_client_fields.ts'
import { targetFault } from '../../pipeline/net/grpc_target.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { retryFields } from '../../pipeline/retry.ts'

/** What stands under `exporters::otlp_grpc`. */
export const schema = object({
  ...grpcClientFields,
  timeout: timeoutField(5000),
  sending_queue: queueFields,
  retry_on_failure: retryFields,
}).check(({ endpoint }) => endpoint === '' && targetFault(endpoint))

export type OtlpGrpcConfig = Infer<typeof schema>
