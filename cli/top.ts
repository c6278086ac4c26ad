import { NOTHING_TOLD, type ToldCosts } from '../receivers/ebpf/costs/service_costs.ts'
import { followAgent, missedText } from './agent_spans.ts'
import { parseFilters } from './span_filter.ts'
import { askAgent, bodyOf, socketOf } from './status_client.ts'
import { ShownCosts } from './top/costs.ts'
import { plainPage, screenPage } from './top/page.ts'
import { type Rate, Rates, SLICE_MS } from './top/rates.ts'
import { Screen } from './top/screen.ts'
import { afterKey, groupIn, LEVELS, rowsOf, SORTS, type View } from './top/view.ts'
import { untilInterrupted } from './until_interrupted.ts'
import { type Arguments, textOf, UsageError } from './verb.ts'

/** Shows requests, errors and times of each service, again and again. Until it is interrupted. */
export async function run(args: Arguments): Promise<number> {
  const wanted = parseFilters(args.words)
  const by = oneOf(args, 'by', LEVELS)
  const sort = oneOf(args, 'sort', SORTS)
  const top = new Top({ by, sort, within: [], marked: undefined }, socketOf(args))
  const over = AbortSignal.any([untilInterrupted(), top.left])
  top.start()
  try {
    await followAgent(socketOf(args), over, {
      span: (view) => wanted(view) && top.rates.add(view),
      state: (message, isListening) => top.listens(message, isListening),
      missed: (spans) => top.tell(missedText(spans)),
    })
  } finally {
    top.stop()
  }
  return 0
}

/** The first one if none is given. */
function oneOf<T extends string>(
  args: Arguments,
  flag: string,
  names: readonly [T, ...(readonly T[])],
): T {
  const given = textOf(args, flag)
  const name = given === undefined ? names[0] : names.find((one) => one === given)
  if (name !== undefined) return name
  throw new UsageError(`--${flag}: unknown value "${given}"`, `allowed are ${names.join(', ')}`)
}

/** On a terminal a page takes the place of the one before; elsewhere they follow each other. */
class Top {
  readonly rates = new Rates(performance.now())
  readonly #costs = new ShownCosts()
  readonly #left = new AbortController()
  readonly #socket: string
  #view: View
  #state = ''
  #isListening = false
  /** A key means the line that the user saw. */
  #shown: readonly Rate[] = []
  #screen: Screen | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(view: View, socket: string) {
    this.#view = view
    this.#socket = socket
  }

  /** Aborts when the user is done. */
  get left(): AbortSignal {
    return this.#left.signal
  }

  start(): void {
    if (process.stdout.isTTY && process.env['TERM'] !== 'dumb') {
      this.#screen = new Screen(
        (key) => this.#onKey(key),
        () => this.#show(),
      )
      if (this.#screen.hasKeys) this.#view = { ...this.#view, marked: 0 }
    }
    void this.#askCosts()
    this.#timer = setInterval(() => {
      void this.#askCosts()
      this.#show()
      this.rates.turn(performance.now())
    }, SLICE_MS)
  }

  listens(message: string, isListening: boolean): void {
    this.#isListening = isListening
    this.tell(message)
  }

  tell(message: string): void {
    this.#state = message
    if (this.#screen === undefined) process.stderr.write(`${message}\n`)
    else this.#show()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#screen?.close()
  }

  /** An agent that cannot tell is no reason to show nothing. */
  async #askCosts(): Promise<void> {
    try {
      const response = await askAgent(this.#socket, '/v1/costs')
      const told = response ? (JSON.parse(await bodyOf(response)) as ToldCosts) : NOTHING_TOLD
      this.#costs.update(told, performance.now())
    } catch {
      this.#costs.update(NOTHING_TOLD, performance.now())
    }
  }

  #show(): void {
    const rates = this.rates.read(performance.now(), (group) => groupIn(group, this.#view))
    const rows = rowsOf(rates, this.#view, this.#costs.shown)
    this.#shown = rows
    if (this.#screen !== undefined) {
      const { size } = this.#screen
      this.#screen.draw(screenPage(rows, this.#view, this.#state, size, this.#costs.shown))
    } else if (this.#isListening) {
      process.stdout.write(plainPage(rows, this.#view, this.#costs.shown))
    }
  }

  #onKey(key: string): void {
    const view = afterKey(this.#view, key, this.#shown)
    if (view === undefined) {
      this.#left.abort()
      return
    }
    this.#view = view
    this.#show()
  }
}
