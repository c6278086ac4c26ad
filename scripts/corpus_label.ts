/** A configuration as somebody wrote it. */
export interface Specimen {
  readonly source: string
  readonly config: unknown
}

/** Whether the Collector could run it as it stands. A fragment is an example that leaves out what it is not about. */
export type Label =
  | { readonly kind: 'valid' }
  | { readonly kind: 'fragment' | 'template' | 'broken'; readonly why: string }

type Sections = Readonly<Record<string, unknown>>

const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions', 'service']
const ENDS = ['receivers', 'exporters'] as const

const isObject = (value: unknown): value is Sections =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const idsOf = (section: unknown): ReadonlySet<string> =>
  new Set(isObject(section) ? Object.keys(section).map(normal) : [])

/** Blanks around the parts of an id do not count. */
const normal = (id: string): string => id.replaceAll(/\s*\/\s*/g, '/').trim()

const fragment = (why: string): Label => ({ kind: 'fragment', why })

/** By the structure alone: what components make of their settings is not looked at. */
export function labelOf({ config }: Specimen): Label {
  if (/\{\{.*\}\}|<[A-Z]+_[A-Z_]+>/.test(JSON.stringify(config))) {
    return { kind: 'template', why: 'has {{...}} or <A_WORD> that something else fills in' }
  }
  if (!isObject(config)) return fragment('is no map')
  const unknown = Object.keys(config).filter((key) => !SECTIONS.includes(key))
  if (unknown.length > 0) return { kind: 'broken', why: 'has keys beside the six sections' }
  const missing = ['receivers', 'exporters', 'service'].find((key) => !isFilled(config[key]))
  if (missing !== undefined) return fragment(`has no ${missing}`)
  const service = config['service'] as Sections
  if (!isFilled(service['pipelines'])) return fragment('has no pipelines')
  return labelOfPipelines(config, service)
}

const isFilled = (section: unknown): boolean => isObject(section) && Object.keys(section).length > 0

function labelOfPipelines(config: Sections, service: Sections): Label {
  const connectors = idsOf(config['connectors'])
  for (const pipeline of Object.values(service['pipelines'] as Sections)) {
    if (!isObject(pipeline)) return fragment('has a pipeline without anything')
    for (const end of ENDS) {
      const list = pipeline[end]
      if (!list || (Array.isArray(list) && list.length === 0)) {
        return fragment(`has a pipeline without ${end}`)
      }
    }
    for (const part of [...ENDS, 'processors'] as const) {
      const known = new Set([...idsOf(config[part]), ...(part === 'processors' ? [] : connectors)])
      if (listOf(pipeline[part]).some((id) => !known.has(id))) {
        return fragment(`refers to ${part} that it has not`)
      }
    }
  }
  const mistake = MISTAKES.find(([, isMade]) => isMade(config))
  if (mistake !== undefined) return { kind: 'broken', why: mistake[0] }
  const extensions = idsOf(config['extensions'])
  if (listOf(service['extensions']).some((id) => !extensions.has(id))) {
    return fragment('refers to extensions that it has not')
  }
  return { kind: 'valid' }
}

/** Settings of components of a type, by any of its names. */
function settingsOf(config: Sections, section: string, ...types: string[]): Sections[] {
  const entries = isObject(config[section]) ? Object.entries(config[section]) : []
  return entries
    .filter(([id]) => types.includes(id.split('/', 1)[0]?.trim() ?? ''))
    .map(([, settings]) => (isObject(settings) ? settings : {}))
}

const telemetryOf = (config: Sections): unknown => (config['service'] as Sections)['telemetry']

const isReference = (value: unknown): boolean => typeof value === 'string' && value.includes('${')

function hasNoPort(endpoint: unknown): boolean {
  return !isReference(endpoint) && !/:\d+$|:\d+\/|^unix:/.test(String(endpoint))
}

/** For which the Collector, v0.159, refuses a file, or would never send a thing. */
const MISTAKES: readonly (readonly [why: string, isMade: (config: Sections) => boolean])[] = [
  [
    'has the logging exporter, which the Collector removed',
    (config) => settingsOf(config, 'exporters', 'logging').length > 0,
  ],
  [
    'has service::telemetry::metrics::address, which the Collector removed',
    (config) => /"metrics":\{[^{}]*"address":/.test(JSON.stringify(telemetryOf(config) ?? {})),
  ],
  [
    "has jaeger's remote_sampling, which the Collector removed",
    (config) =>
      settingsOf(config, 'receivers', 'jaeger').some((one) => one['remote_sampling'] !== undefined),
  ],
  [
    'has a jaeger receiver in a pipeline that is not of traces',
    (config) =>
      Object.entries((config['service'] as Sections)['pipelines'] as Sections).some(
        ([id, pipeline]) =>
          !id.startsWith('traces') &&
          listOf((pipeline as Sections)['receivers']).some((one) => /^jaeger(\/|$)/.test(one)),
      ),
  ],
  [
    'has an otlp exporter without endpoint or port',
    (config) =>
      settingsOf(config, 'exporters', 'otlp', 'otlp_grpc').some((one) =>
        hasNoPort(one['endpoint']),
      ),
  ],
  [
    'has an otlp_http exporter whose endpoint is no URL',
    (config) =>
      settingsOf(config, 'exporters', 'otlphttp', 'otlp_http').some(
        ({ endpoint }) => endpoint && !isReference(endpoint) && !/^https?:/.test(String(endpoint)),
      ),
  ],
  [
    'has an otlp receiver without protocols, or with an empty endpoint',
    (config) =>
      settingsOf(config, 'receivers', 'otlp').some(
        ({ protocols }) => !isFilled(protocols) || /"endpoint":""/.test(JSON.stringify(protocols)),
      ),
  ],
  [
    'has a memory_limiter without check_interval',
    (config) =>
      settingsOf(config, 'processors', 'memory_limiter').some((one) => !one['check_interval']),
  ],
  [
    'has an authenticator that service::extensions has not',
    (config) => {
      const text = JSON.stringify([config['receivers'], config['exporters']])
      const names = [...text.matchAll(/"authenticator":"([^"$]*)"/g)].map(([, name = '']) => name)
      const started = new Set(listOf((config['service'] as Sections)['extensions']))
      return names.some((name) => !started.has(normal(name)))
    },
  ],
  [
    'has transform statements without a context whose paths have no prefix',
    (config) =>
      settingsOf(config, 'processors', 'transform').some((settings) =>
        Object.values(settings)
          .flatMap((groups) => (Array.isArray(groups) ? groups : []))
          .some((group) => !group?.context && /\((attributes|body)\b/.test(JSON.stringify(group))),
      ),
  ],
  [
    'has a debug exporter of unknown verbosity',
    (config) =>
      settingsOf(config, 'exporters', 'debug').some(
        ({ verbosity }) => verbosity && !/^(basic|normal|detailed)$/i.test(String(verbosity)),
      ),
  ],
]

const listOf = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.map((id) => normal(String(id))) : []
