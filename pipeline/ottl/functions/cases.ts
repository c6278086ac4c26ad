const isUpper = (char: string): boolean => char >= 'A' && char <= 'Z'
const isLower = (char: string): boolean => char >= 'a' && char <= 'z'
const isDigit = (char: string): boolean => char >= '0' && char <= '9'
/** Characters between words. */
const isGap = (char: string): boolean => char !== '' && ' _-.'.includes(char)

/** ASCII letters alone have a case here. */
const lowered = (char: string): string => (isUpper(char) ? char.toLowerCase() : char)

/** Words of `before` and `after` meet here: letters and digits, or lower case and upper case. */
const changes = (before: string, after: string): boolean =>
  (isUpper(before) && (isLower(after) || isDigit(after))) ||
  (isLower(before) && (isUpper(after) || isDigit(after))) ||
  (isDigit(before) && (isUpper(after) || isLower(after)))

/** `HTTPServer-v2` is `http_server_v_2`; what is no letter, digit or gap stays as it is. */
export function toSnakeCase(value: string): string {
  const chars = value.trim()
  let snake = ''
  for (let i = 0; i < chars.length; i++) {
    const [char, next] = [chars[i] ?? '', chars[i + 1] ?? '']
    if (!changes(char, next)) {
      snake += isGap(char) ? '_' : lowered(char)
      continue
    }
    if (isUpper(char) && isLower(next) && isUpper(chars[i - 1] ?? '')) snake += '_'
    snake += lowered(char)
    if (!isUpper(char) || isDigit(next)) snake += '_'
  }
  return snake
}

/** `http_server v2` is `HttpServerV2`; what is no ASCII letter or digit goes. */
export function toCamelCase(value: string): string {
  let camel = ''
  let begins = true
  let wasUpper = false
  for (const char of value.trim()) {
    if (isUpper(char) || isLower(char)) {
      camel += begins ? char.toUpperCase() : wasUpper ? lowered(char) : char
      begins = false
    } else if (isDigit(char)) {
      camel += char
      begins = true
    } else begins = isGap(char)
    wasUpper = isUpper(char)
  }
  return camel
}
