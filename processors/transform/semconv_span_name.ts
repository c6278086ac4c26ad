import type { Span } from '../../pipeline/data/traces.ts'
import { SpanKind } from '../../pipeline/data/traces.ts'
import { textOf } from '../../pipeline/ottl/arguments.ts'
import { editor } from '../../pipeline/ottl/function.ts'
import { inMap, withKey } from '../../pipeline/ottl/keys.ts'

/** From 1.37.0 on the attributes that make a name are the same. */
const VERSION = /^1\.(3[7-9]|[4-9]\d)\.\d+$/

/** Gives a span the low-cardinality name that the semantic conventions have for it. */
export const setSemconvSpanName = editor(
  'set_semconv_span_name',
  ['semconvVersion', 'originalSpanNameAttribute?'],
  (args) => {
    const version = args.literalText('semconvVersion')
    if (!VERSION.test(version)) {
      args.fault('semconvVersion', `unsupported version "${version}", expected 1.37.0 or newer`)
    }
    const key = args.has('originalSpanNameAttribute')
      ? args.literalText('originalSpanNameAttribute')
      : undefined
    return (frame) => {
      const { span } = frame
      const name = semconvName(span)
      if (name === undefined || name === span.name) return
      const original = { kind: 'string', value: span.name } as const
      const attributes =
        key === undefined ? span.attributes : withKey(span.attributes, key, original)
      frame.span = { ...span, name, attributes }
    }
  },
)

function semconvName(span: Span): string | undefined {
  const get = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = inMap(span.attributes, key)
      const text = value === undefined ? '' : textOf(value)
      if (text !== '') return text
    }
    return undefined
  }
  return httpName(span, get) ?? rpcName(get) ?? messagingName(get) ?? databaseName(get)
}

type Get = (...keys: readonly string[]) => string | undefined

const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join(' ')

/** `{method} {route}` of servers, `{method} {template}` of clients; the method alone if that is unknown. */
function httpName({ kind }: Span, get: Get): string | undefined {
  const method = get('http.request.method', 'http.method')
  if (method === undefined) return undefined
  const shown = method === '_OTHER' ? 'HTTP' : method
  if (kind === SpanKind.server) return joined(shown, get('http.route'))
  return kind === SpanKind.client ? joined(shown, get('url.template')) : undefined
}

function rpcName(get: Get): string | undefined {
  const [system, service, method] = [get('rpc.system'), get('rpc.service'), get('rpc.method')]
  if (system === undefined) return undefined
  if (service !== undefined && method !== undefined) return `${service}/${method}`
  return method ?? service ?? `(${system})`
}

function messagingName(get: Get): string | undefined {
  const system = get('messaging.system')
  if (system === undefined) return undefined
  const operation = get('messaging.operation.name', 'messaging.operation')
  const destination = get('messaging.destination.template', 'messaging.destination.name')
  const target =
    destination ?? (get('messaging.destination.temporary') ? '(temporary)' : get('server.address'))
  return joined(operation ?? system, target)
}

function databaseName(get: Get): string | undefined {
  const system = get('db.system.name', 'db.system')
  if (system === undefined) return undefined
  const summary = get('db.query.summary')
  if (summary !== undefined) return summary
  const operation = get('db.operation.name', 'db.operation')
  const target = get(
    'db.collection.name',
    'db.sql.table',
    'db.namespace',
    'db.name',
    'server.address',
  )
  return operation === undefined && target === undefined ? system : joined(operation, target)
}
