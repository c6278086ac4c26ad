const WORD_MAX = 40 // characters; names of resources are shorter

/** Each says of a segment that it names one thing among many. */
const VARIABLES: readonly RegExp[] = [
  /^[-+]?\d+$/,
  /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  /^(?=.*\d)[0-9a-f]{8,}$/i, // a hash
  /^\d{4}-\d\d(?:-\d\d)?(?:[T_].*)?$/, // a date
  /@/, // an address of mail, a handle
  /%/, // a text that people wrote
  /[^\w.~:!$&'()*+,;=-]/,
  /\d{4}/, // order-20261, 2026q1
  /[=,;]/, // parameters of a matrix
]

/** Digits among letters, more of them than a version or a name has: `a1b2c3`, `X9kf3`. */
const MIXED = /\d[A-Za-z]+\d|[A-Za-z]\d+[A-Za-z]+\d/

/** `v1`, `v1beta2`, `oauth2`, `s3`, `k8s`, `i18n`: words with a digit. */
const VERSIONED =
  /^(?:v\d{1,3}(?:(?:alpha|beta|rc)\d{0,2}|\.\d{1,3}){0,2}|[a-z]+\d{1,2}|[a-z]\d{1,2}[a-z])$/i

const VOWEL = /[aeiouy]/i
/** Longer than any run of them in a word: `Angstschrei` and `Knightsbridge` have six. */
const CONSONANTS = /[bcdfghjklmnpqrstvwxz]{7,}/i
/** Capitals within a word that is no camelCase: `xYzQwEr`. */
const CAPITALS = /(?:[a-z][A-Z]){2,}[a-z]?[A-Z]|[A-Z]{2,}[a-z]+[A-Z]{2,}/

/** True for a segment that is no word of the service's own but an id, a hash, a date, a name of somebody. */
export function isVariable(segment: string): boolean {
  if (segment.length > WORD_MAX) return true
  if (VARIABLES.some((one) => one.test(segment))) return true
  if (VERSIONED.test(segment)) return false
  return MIXED.test(segment) || isGibberish(segment)
}

/** Letters that no language puts so. Acronyms up to five letters pass. */
function isGibberish(segment: string): boolean {
  return segment
    .split(/[-_.]/)
    .some(
      (word) =>
        (word.length > 5 && !VOWEL.test(word)) || CONSONANTS.test(word) || CAPITALS.test(word),
    )
}
