import type { Attributes } from '../../pipeline/data/attributes.ts'
import { string } from '../../pipeline/data/attributes.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import { compileExpression, compileTemplate } from '../../pipeline/regexp.ts'
import type { TransformConfig } from './config.ts'
import { keepPoints, labelText } from './operations.ts'

/** What of a metric is meant: the part with the labels, and the rest if there is one. */
export interface Matched {
  readonly meant: Metric
  readonly rest: Metric | undefined
  /** The name that a template becomes. */
  readonly newName: string
  /** Named groups of the expression, as labels. */
  readonly labels: Attributes
}

export type Match = (metric: Metric) => Matched | undefined

export function compileMatch(config: TransformConfig): Match {
  const isName = compileName(config)
  const hasLabels = compileLabels(config)
  return (metric) => {
    const found = isName(metric.name)
    if (found === undefined) return undefined
    const data = hasLabels === undefined ? metric.data : keepPoints(metric.data, hasLabels)
    if (data === metric.data) return { ...found, meant: metric, rest: undefined }
    if (data.points.length === 0) return undefined
    const others = keepPoints(metric.data, (list) => hasLabels?.(list) === false)
    return { ...found, meant: { ...metric, data }, rest: { ...metric, data: others } }
  }
}

type Found = Pick<Matched, 'newName' | 'labels'>

function compileName(config: TransformConfig): (name: string) => Found | undefined {
  const { include, new_name, submatch_case } = config
  if (config.match_type === 'strict') {
    return (name) => (name === include ? { newName: new_name, labels: [] } : undefined)
  }
  const expression = compileExpression(include)
  const expand = compileTemplate(new_name, expression.names)
  const cased = (value: string) => {
    if (submatch_case === 'lower') return value.toLowerCase()
    return submatch_case === 'upper' ? value.toUpperCase() : value
  }
  return (name) => {
    const groups = expression.groups(name)
    if (groups === undefined) return undefined
    const labels = expression.names.flatMap((key, i) =>
      key === '' ? [] : [string(key, cased(groups[i] ?? ''))],
    )
    return { newName: expand([name, ...groups]), labels }
  }
}

function compileLabels(config: TransformConfig): ((list: Attributes) => boolean) | undefined {
  const { experimental_match_labels: labels, match_type } = config
  if (labels.size === 0) return undefined
  const tests = [...labels].map(([key, wanted]) => {
    if (match_type === 'strict') return (list: Attributes) => labelText(list, key) === wanted
    const expression = compileExpression(wanted)
    return (list: Attributes) => expression.test(labelText(list, key) ?? '')
  })
  return (list) => tests.every((test) => test(list))
}
