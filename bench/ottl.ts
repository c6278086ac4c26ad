/** `npm run bench:ottl`: evaluations of OTTL statements per second, five typical ones on 512 spans, in one thread. */
import { parseArgs } from 'node:util'
import { int, string } from '../pipeline/data/attributes.ts'
import { NO_SPAN, type ResourceSpans, type Span } from '../pipeline/data/traces.ts'
import { Frame } from '../pipeline/ottl/frame.ts'
import { functionsIn } from '../pipeline/ottl/functions/standard.ts'
import { compileProgram } from '../pipeline/ottl/program.ts'
import { runProgram } from '../pipeline/ottl/run.ts'
import { walkTraces } from '../pipeline/ottl/walk.ts'

const SPANS = 512
const MUST_PER_SECOND = 400_000
const HELP = `usage: npm run bench:ottl -- [--seconds N]

  ${SPANS} spans of 12 attributes through five statements, again and again. Exits with 1 below ${MUST_PER_SECOND} evaluations/s.
`
const STATEMENTS = [
  'set(span.attributes["deployment.environment.name"], "prod") where span.attributes["deployment.environment.name"] == nil',
  'replace_pattern(span.attributes["url.path"], "/\\\\d+", "/{id}")',
  'delete_key(span.attributes, "http.request.header.cookie")',
  'set(span.status.code, STATUS_CODE_ERROR) where span.attributes["http.response.status_code"] >= 500',
  'set(span.name, Concat([span.attributes["http.request.method"], span.attributes["url.path"]], " ")) where IsMatch(span.name, "^GET")',
]

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const spanOf = (i: number): Span => ({
  ...NO_SPAN,
  traceId: i.toString(16).padStart(32, '0'),
  spanId: i.toString(16).padStart(16, '0'),
  flags: 1,
  name: i % 2 === 0 ? 'GET /items' : 'POST /items',
  kind: 2,
  start: [1_700_000_000, i],
  end: [1_700_000_001, i],
  attributes: [
    string('http.request.method', 'GET'),
    string('url.path', `/items/${i}/parts/7`),
    string('url.scheme', 'https'),
    int('http.response.status_code', i % 50 === 0 ? 503 : 200),
    string('http.request.header.cookie', 'session=1'),
    ...Array.from({ length: 7 }, (_, n) => string(`attribute.${n}`, `value ${n}`)),
  ],
})

const data: ResourceSpans = {
  resource: { attributes: [string('service.name', 'shop')], droppedAttributesCount: 0 },
  scopeSpans: [
    {
      scope: { name: 'http', version: '1', attributes: [], droppedAttributesCount: 0 },
      spans: Array.from({ length: SPANS }, (_, i) => spanOf(i)),
      schemaUrl: '',
    },
  ],
  schemaUrl: '',
}

function measure(seconds: number): number {
  const program = compileProgram({ signal: 'traces', statements: STATEMENTS }, functionsIn)
  const walk = walkTraces(program.context)
  const frame = new Frame()
  const fail = (text: string, error: unknown): never => {
    throw new Error(text, { cause: error })
  }
  const visit = (seen: Frame) => {
    runProgram(program, seen, fail)
    return true
  }
  const rounds = (until: number): number => {
    let done = 0
    while (performance.now() < until) {
      walk(data, frame, { visit, prune: false })
      done += 1
    }
    return done
  }
  rounds(performance.now() + 500)
  const started = performance.now()
  const done = rounds(started + seconds * 1000)
  const elapsed = (performance.now() - started) / 1000
  return (done * SPANS * STATEMENTS.length) / elapsed
}

if (values.help) console.log(HELP)
else {
  const seconds = Number(values.seconds)
  if (!(seconds > 0))
    throw new Error(`--seconds: expected a number above 0, got "${values.seconds}"`)
  const perSecond = measure(seconds)
  console.log(
    `${Math.round(perSecond / 1000)}k statement evaluations/s, must be ${MUST_PER_SECOND / 1000}k`,
  )
  if (perSecond < MUST_PER_SECOND) process.exitCode = 1
}
