const PREFIXES =
  /^(aws\.(ecs|eks|log)|browser|cloud|container|device|host|k8s|os|process|service|telemetry|webengine)\./
const KEYS = new Set([
  'deployment.environment',
  'deployment.environment.name',
  'faas.id',
  'faas.instance',
  'faas.max_memory',
  'faas.name',
  'faas.version',
])

/** Whether a tag is an attribute of a resource by OpenTelemetry's conventions: exporters to Zipkin mix both. */
export const isResourceKey = (key: string): boolean => PREFIXES.test(key) || KEYS.has(key)
