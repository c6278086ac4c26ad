import type { ForwardedHeaders } from './head.ts'
import { authority } from './url.ts'

/**
 * The client that the first proxy saw, by Forwarded and else by X-Forwarded-For; '' when neither says.
 * Source: https://www.rfc-editor.org/rfc/rfc7239#section-4
 */
export function forwardedClient(headers: ForwardedHeaders | undefined): string {
  if (headers === undefined) return ''
  return address(forwardedFor(headers.forwarded)) || address(firstOf(headers.forwardedFor, ','))
}

function forwardedFor(forwarded: string): string {
  for (const pair of firstOf(forwarded, ',').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim().toLowerCase() === 'for') {
      return pair.slice(equals + 1)
    }
  }
  return ''
}

const firstOf = (list: string, separator: string) => list.split(separator, 1)[0] ?? ''

/** Without quotes, port and brackets. A name that hides the client ("_hidden", "unknown") is none. */
function address(node: string): string {
  const text = node.trim().replaceAll('"', '')
  if (text.startsWith('_') || text.toLowerCase() === 'unknown') return ''
  const isBareIpv6 = !text.startsWith('[') && text.indexOf(':') !== text.lastIndexOf(':')
  return isBareIpv6 ? text : authority(text).host
}
