import type { Attributes } from '../data/attributes.ts'
import { attribute } from '../data/attributes.ts'
import type { Resource, Scope } from '../data/resource.ts'
import { valueText } from '../data/value_text.ts'
import { join, type LabelSet, labelsOf } from './labels.ts'
import { labelName, metricName, type Naming } from './names.ts'
import type { TranslationConfig } from './translation_fields.ts'

/** How an exporter translates, whatever it calls its options. */
export interface TranslationOptions extends TranslationConfig {
  /** Labels of every series; all others win over them. */
  readonly constantLabels: Iterable<readonly [name: string, value: string]>
  readonly withoutScope: boolean
  /** Patterns of keys of resource attributes; wins over `resource_to_telemetry_conversion`. */
  readonly resourceLabels?:
    | { readonly included: readonly string[]; readonly excluded: readonly string[] }
    | undefined
}

const SERVICE_KEYS = new Set(['service.name', 'service.namespace', 'service.instance.id'])

/** How OTLP's names and attributes become names and labels, by the options. */
export class Translation {
  readonly naming: Naming
  readonly #config: TranslationOptions
  readonly #labelName: (key: string) => string
  readonly #isLabel: (key: string) => boolean

  constructor(config: TranslationOptions) {
    const { translation_strategy: strategy } = config
    const suffixes =
      strategy === '' ? config.add_metric_suffixes : strategy.endsWith('WithSuffixes')
    const utf8 = strategy.startsWith('No')
    this.#config = config
    this.#labelName = utf8 ? (key) => key : labelName
    this.#isLabel = chosen(config)
    this.naming = { typeSuffix: suffixes, unitSuffix: suffixes, namespace: config.namespace, utf8 }
  }

  labels(attributes: Attributes): LabelSet {
    return labelsOf(texts(attributes), this.#labelName)
  }

  /** What all series of a scope of a resource have. */
  common(resource: Resource, scope: Scope, schemaUrl: string): LabelSet {
    const own = join(this.#ofResource(resource), identity(resource))
    const constant = labelsOf(this.#config.constantLabels, this.#labelName)
    return join(join(this.#ofScope(scope, schemaUrl), own), constant)
  }

  /** The labels of `target_info`; undefined for a resource that says neither job nor instance. */
  target({ attributes, ...resource }: Resource): LabelSet | undefined {
    const id = identity({ attributes, ...resource })
    if (id.size === 0) return undefined
    const rest = attributes.filter(({ key }) => !SERVICE_KEYS.has(key))
    return join(id, this.labels(rest))
  }

  /** What `target_info` is called. */
  get targetName(): string {
    const naming = { ...this.naming, typeSuffix: false, unitSuffix: false }
    return metricName({ name: 'target_info', unit: '' }, 'gauge', naming)
  }

  #ofResource({ attributes }: Resource): LabelSet {
    return this.labels(attributes.filter(({ key }) => this.#isLabel(key)))
  }

  #ofScope(scope: Scope, schemaUrl: string): LabelSet {
    if (this.#config.withoutScope) return new Map()
    const more = texts(scope.attributes).map(([key, text]) => [`otel_scope_${key}`, text] as const)
    const named = [
      ['otel_scope_name', scope.name],
      ['otel_scope_version', scope.version],
      ['otel_scope_schema_url', schemaUrl],
    ] as const
    return join(new Map(named), labelsOf(more, this.#labelName))
  }
}

const texts = (attributes: Attributes) =>
  attributes.map(({ key, value }) => [key, valueText(value)] as const)

/** `job` is namespace and name of the service, `instance` its id. */
export function identity({ attributes }: Resource): LabelSet {
  const labels = new Map<string, string>()
  const text = (key: string) => {
    const value = attribute(attributes, key)
    return value === undefined ? undefined : valueText(value)
  }
  const name = text('service.name')
  const namespace = text('service.namespace')
  if (name !== undefined) labels.set('job', namespace === undefined ? name : `${namespace}/${name}`)
  const instance = text('service.instance.id')
  if (instance !== undefined) labels.set('instance', instance)
  return labels
}

/** Which resource attributes become labels. */
function chosen(config: TranslationOptions): (key: string) => boolean {
  const { resourceLabels: some, resource_to_telemetry_conversion: all } = config
  if (some === undefined) {
    return (key) => all.enabled && !(all.exclude_service_attributes && SERVICE_KEYS.has(key))
  }
  const included = some.included.map(wildcard)
  const excluded = some.excluded.map(wildcard)
  return (key) => {
    if (excluded.some((pattern) => pattern.test(key))) return false
    if (included.length === 0) return excluded.length > 0
    return included.some((pattern) => pattern.test(key))
  }
}

function wildcard(pattern: string): RegExp {
  const text = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
}
