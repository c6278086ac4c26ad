import type {
  Context,
  Extension,
  Instance,
  LifecycleStatus,
  RunningConfig,
} from '../../pipeline/component.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import { NOT_FOUND, type Page, site } from '../../pipeline/net/site.ts'
import type { ZpagesConfig } from './config.ts'
import { heading, type PAGES, page, paragraph, table } from './html.ts'
import { SpanStore } from './span_store.ts'

const html = (title: string, body: string, name: (typeof PAGES)[number]): Page => ({
  code: 200,
  type: 'text/html; charset=utf-8',
  body: page(title, body, name),
})

const keyOf = ({ kind, id, signal, pipeline }: Instance): string =>
  `${kind} ${id} ${pipeline ?? signal}`

/** Serves pages on what runs, as the Collector names them. */
export class Zpages implements Extension {
  readonly #ctx: Context
  readonly #config: ZpagesConfig
  readonly #started = Date.now()
  readonly #statuses = new Map<
    string,
    { readonly instance: Instance; readonly status: LifecycleStatus }
  >()
  #running: RunningConfig | undefined
  #server: HttpServer | undefined
  readonly #spans = new SpanStore()
  #unwatch: (() => void) | undefined

  constructor(ctx: Context, config: ZpagesConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  async start(): Promise<void> {
    const { endpoint } = this.#config
    this.#server = site(endpoint, this.#ctx.log, (path) => this.#show(path))
    await this.#server.listen()
    this.#unwatch = this.#ctx.watchSpans(this.#spans.see)
    this.#ctx.log.info('Starting zPages extension', { endpoint })
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#unwatch?.()
    await this.#server?.close(deadline)
    this.#server = undefined
  }

  onConfig(config: RunningConfig): void {
    this.#running = config
  }

  onStatus(instance: Instance, status: LifecycleStatus): void {
    this.#statuses.set(keyOf(instance), { instance, status })
  }

  #show(path: string): Page {
    switch (path) {
      case '/':
      case '/debug':
      case '/debug/':
      case '/debug/servicez':
        return this.#service()
      case '/debug/pipelinez':
        return this.#pipelines()
      case '/debug/extensionz':
        return this.#extensions()
      case '/debug/featurez':
        return this.#features()
      case '/debug/tracez':
        return this.#traces()
      case '/debug/expvarz':
        return this.#config.expvar.enabled ? variables() : NOT_FOUND
      default:
        return NOT_FOUND
    }
  }

  #service(): Page {
    const rows = [
      ['Started', new Date(this.#started).toISOString()],
      ['Up for', inWords(Date.now() - this.#started)],
      ['Process', String(process.pid)],
      ['Node', process.version],
      ['System', `${process.platform} ${process.arch}`],
      ['Memory', `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`],
      ['Pipelines', [...(this.#running?.pipelines.keys() ?? [])].join(', ')],
      ['Extensions', this.#running?.service.extensions.join(', ') ?? ''],
    ]
    return html('Service', table(['what', 'now'], rows), 'servicez')
  }

  #pipelines(): Page {
    const pipelines = [...(this.#running?.pipelines ?? [])].map(
      ([id, { receivers, processors, exporters }]) => [
        id,
        receivers.join(', '),
        processors.join(' → '),
        exporters.join(', '),
      ],
    )
    const components = ['receiver', 'processor', 'connector', 'exporter'].flatMap((kind) =>
      this.#rowsOf(kind).map((row) => [kind, ...row]),
    )
    return html(
      'Pipelines',
      table(['pipeline', 'receivers', 'processors', 'exporters'], pipelines) +
        table(['kind', 'component', 'status'], components),
      'pipelinez',
    )
  }

  #extensions(): Page {
    const rows = this.#rowsOf('extension')
    return html('Extensions', table(['extension', 'status'], rows), 'extensionz')
  }

  #rowsOf(kind: string): string[][] {
    return [...this.#statuses.values()]
      .filter(({ instance }) => instance.kind === kind && this.#isRunning(instance.id))
      .map(({ instance: { id, pipeline, signal }, status }) => {
        const where = pipeline ?? signal
        const said = 'error' in status ? `!${status.kind}: ${status.error.message}` : status.kind
        return [where === undefined ? id : `${id} (${where})`, said === 'ok' ? '+ok' : said]
      })
  }

  /** Not one that a reload has taken away. */
  #isRunning(id: string): boolean {
    const { pipelines, service } = this.#running ?? {
      pipelines: new Map(),
      service: { extensions: [] },
    }
    return [
      ...service.extensions,
      ...[...pipelines.values()].flatMap((one) => [
        ...one.receivers,
        ...one.processors,
        ...one.exporters,
      ]),
    ].includes(id)
  }

  #traces(): Page {
    const { countsHead, counts, lastHead, last, lastErrors } = this.#spans
    const about = paragraph('Of weir itself, since it started: the time that a step took.')
    const errors =
      lastErrors.length === 0 ? '' : heading('Last errors') + table(lastHead, lastErrors)
    const spans = heading('Last spans') + table(lastHead, last)
    return html('Traces', about + table(countsHead, counts) + errors + spans, 'tracez')
  }

  #features(): Page {
    const rows = (this.#running?.gates ?? []).map(({ id, enabled, stage, description }) => [
      id,
      enabled ? '+on' : 'off',
      stage,
      description,
    ])
    return html('Feature gates', table(['gate', 'now', 'stage', 'what it does'], rows), 'featurez')
  }
}

/** `2 d 3 h`, `4 min 5 s`: the two largest units. */
export function inWords(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([n]) => n > 0)
  if (first < 0) return '0 s'
  const shown = parts.slice(first, first + 2)
  return shown.map(([n, unit]) => `${n} ${unit}`).join(' ')
}

function variables(): Page {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const memstats = { rss, heapTotal, heapUsed, external, arrayBuffers }
  const body = JSON.stringify({ cmdline: process.argv, memstats }, null, 2)
  return { code: 200, type: 'application/json', body: `${body}\n` }
}
