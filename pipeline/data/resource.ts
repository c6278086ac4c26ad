import type { Attributes } from './attributes.ts'

/** Source: opentelemetry/proto/resource/v1/resource.proto */
export interface Resource {
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

/** Source: opentelemetry/proto/common/v1/common.proto, InstrumentationScope */
export interface Scope {
  readonly name: string
  readonly version: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}
