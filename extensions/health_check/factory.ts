import { defineExtension } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { HealthCheck } from './health_check.ts'

/** Answers probes: version 1, and with `use_v2` version 2. */
export const healthCheck = defineExtension({
  type: 'health_check',
  stability: { extension: 'alpha' },
  schema,
  dependencies: ({ auth, http, grpc }) =>
    [auth, http?.auth, grpc?.auth].flatMap((one) => one?.authenticator ?? []),
  create: (ctx, config) => new HealthCheck(ctx, config),
})

/** The same under the name that version 2 has in the Collector. */
export const healthCheckV2 = defineExtension({ ...healthCheck, type: 'healthcheckv2' })
