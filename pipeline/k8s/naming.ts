/** Keys of pods by which OpenTelemetry names services. Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/ */

/** An annotation `resource.opentelemetry.io/<attribute>` is that attribute. */
export const OTEL_ANNOTATION = 'resource.opentelemetry.io/'

export const INSTANCE_LABEL = 'app.kubernetes.io/instance'
export const NAME_LABEL = 'app.kubernetes.io/name'
export const PART_OF_LABEL = 'app.kubernetes.io/part-of'
export const VERSION_LABEL = 'app.kubernetes.io/version'
