import { pathOf } from './compare.ts'
import type { ReceivedSpan } from './sink.ts'

/** Differ each time that a row is played: what its sockets and its server were numbered. */
const CHANCE = /(^|\.)port$|^url\.full$/

/** All that a span says but its times, ids and ports, as one text. */
function factsOf({ name, kind, error, service, attributes }: ReceivedSpan): string {
  const lasting = [...attributes].filter(([key]) => !CHANCE.test(key)).sort()
  return JSON.stringify({ name, kind, error, service, attributes: lasting })
}

/** By path and kind, in order: a request through a proxy has several. */
function byRequest(spans: readonly ReceivedSpan[]): Map<string, string> {
  const groups = Map.groupBy(spans, (span) => `${span.kind} ${pathOf(span)}`)
  return new Map(
    [...groups].map(([request, group]) => [request, group.map(factsOf).sort().join('\n')]),
  )
}

/** Where the spans of the same requests, played twice, say other things: in words. */
export function spanDifferences(
  once: readonly ReceivedSpan[],
  again: readonly ReceivedSpan[],
): string[] {
  const first = byRequest(once)
  const second = byRequest(again)
  const requests = new Set([...first.keys(), ...second.keys()])
  return [...requests].flatMap((request) => {
    const [one = 'none', other = 'none'] = [first.get(request), second.get(request)]
    return one === other ? [] : [`${request}: ${one} and then ${other}`]
  })
}
