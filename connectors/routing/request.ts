import type { Info } from '../../pipeline/component.ts'

const FORM = /^\s*request\[\s*"([^"]+)"\s*\]\s*(==|!=)\s*"([^"]*)"\s*$/

/** `request["name"] == "value"` of headers; undefined if it has another form. Of several values one has to. A header that is not there matches nothing. */
export function parseRequestCondition(condition: string): ((info: Info) => boolean) | undefined {
  const [, name, op, value] = FORM.exec(condition) ?? []
  if (name === undefined) return undefined
  return ({ client }) => {
    const values = client?.metadata.get(name.toLowerCase())
    if (values === undefined) return false
    return values.some((one) => (one === value) === (op === '=='))
  }
}
