import { isVariable } from '../../pipeline/path_segment.ts'

const ORIGIN = /^([A-Za-z][\w+.-]*:\/\/)(?:[^/?#@]*@)?([^/?#]*)/
/** A part of a route: {id}. */
const PLACE = /^\{[\w.:*-]*\}$/
const PATH_IN_TEXT = /\S*\/\S*/g

/** A URL or path with `*` for each segment that names one thing among many; query, fragment and user go. */
export function withoutIds(url: string): string {
  const [origin = '', scheme = '', host = ''] = ORIGIN.exec(url) ?? []
  const path = url.slice(origin.length).replace(/[?#&][\s\S]*$/, '')
  return scheme + host + path.split('/').map(segment).join('/')
}

const segment = (one: string): string =>
  one !== '' && isVariable(one) && !PLACE.test(one) ? '*' : one

/** The same for every URL and path in a text: `GET /items/4711` becomes `GET /items/*`. */
export const textWithoutIds = (text: string): string => text.replaceAll(PATH_IN_TEXT, withoutIds)

const isEmpty = (path: string): boolean => path.split('/').every((one) => one === '' || one === '*')

/** The name of an HTTP span, unless nothing would be left of it. */
export function nameWithoutIds(name: string): string {
  const found = textWithoutIds(name)
  return isEmpty(found) ? name : found
}
