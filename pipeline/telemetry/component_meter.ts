import type { Context, Instance } from '../component.ts'
import type { Counter, Counters, Labels } from './counters.ts'

type Meter = Pick<Context, 'count' | 'gauge' | 'measure' | 'duration' | 'beforeLook'>

const NONE: Labels = {}

/** What a component counts, under `otelcol_<kind>_<name>` and with its id as the label that the Collector gives it. */
export function meterOf(owner: Instance, counters: Counters): Meter {
  const { kind, id, signal } = owner
  const labels: Labels = {
    [kind]: id,
    ...(kind === 'processor' && { 'otel.signal': signal ?? '' }),
  }
  const gaugeLabels = signal === undefined ? labels : { ...labels, data_type: signal }
  const named = (name: string) => `otelcol_${kind}_${name}`
  const plain = new Map<string, Counter>()
  const counterOf = (name: string): Counter => {
    let counter = plain.get(name)
    if (counter === undefined) {
      counter = counters.counter(named(name), labels)
      plain.set(name, counter)
    }
    return counter
  }
  return {
    count(name, n, more = NONE) {
      if (more === NONE) counterOf(name).add(n)
      else counters.add(named(name), { ...labels, ...more }, n)
    },
    gauge: (name, read) => counters.gauge(named(name), gaugeLabels, read),
    measure: (name, value, own) =>
      counters.record(named(name), own === undefined ? labels : { ...labels, ...own }, value),
    duration: (name, own, seconds) => counters.record(name, own, seconds),
    beforeLook: (refresh) => counters.beforeLook(refresh),
  }
}
