import type { Attributes } from './attributes.ts'

/** Says which attributes of a resource identify and describe one entity. Source: common.proto, EntityRef */
export interface EntityRef {
  readonly schemaUrl: string
  readonly type: string
  readonly idKeys: readonly string[]
  readonly descriptionKeys: readonly string[]
}

/** Source: opentelemetry/proto/resource/v1/resource.proto */
export interface Resource {
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly entityRefs?: readonly EntityRef[]
}

/** Source: opentelemetry/proto/common/v1/common.proto, InstrumentationScope */
export interface Scope {
  readonly name: string
  readonly version: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}
