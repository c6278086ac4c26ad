import { endpoint } from '../../config/fields.ts'

/** A URL of http or https, or '' for none. */
export const httpUrl = () =>
  endpoint()
    .default('')
    .check((value) => value !== '' && !isHttpUrl(value) && notAUrl(value))

function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^/]/.test(value) && URL.canParse(value)
}

const notAUrl = (value: string) => {
  const plain = URL.canParse(`http://${value}`) ? `, as in "http://${value}"` : ''
  return `expected a URL that begins with http:// or https://${plain}, got "${value}"`
}
