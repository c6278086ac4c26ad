/** Words at changes of case, digits and separators: `HTTPServer-v2` has `HTTP`, `Server`, `v`, `2`. */
const words = (value: string): readonly string[] =>
  value.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\sA-Za-z\d_.-]+/g) ?? []

export const toSnakeCase = (value: string): string =>
  words(value)
    .map((word) => word.toLowerCase())
    .join('_')

export const toCamelCase = (value: string): string =>
  value
    .split(/[\s_.-]+/)
    .filter((part) => part !== '')
    .map((part) => part[0]?.toUpperCase() + part.slice(1))
    .join('')
