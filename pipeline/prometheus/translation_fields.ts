import { bool, enumOf, type Infer, object, text } from '../../config/fields.ts'

const STRATEGIES = [
  '',
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const

/** What every exporter to Prometheus takes, with the Collector's names. */
export const translationFields = {
  namespace: text().default('').describe('Stands before every name.'),
  add_metric_suffixes: bool()
    .default(true)
    .describe('Whether names end in unit and type; translation_strategy overrides it.'),
  translation_strategy: enumOf(STRATEGIES, (found) => `invalid translation_strategy: ${found}`)
    .default('')
    .describe('How names are made: with suffixes or without, and whether they keep dots.'),
  resource_to_telemetry_conversion: object({
    enabled: bool().default(false).describe('Whether all resource attributes become labels.'),
    exclude_service_attributes: bool()
      .default(false)
      .describe('Whether those that job and instance are made of are left out.'),
  }).describe('Resource attributes as labels of every series.'),
}

const section = object(translationFields)

export type TranslationConfig = Infer<typeof section>
