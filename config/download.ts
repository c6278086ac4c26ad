import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { builtins } from '../pipeline/net/builtins.ts'
import { systemAuthorities } from '../pipeline/net/tls_common.ts'

const TIMEOUT_MS = 10_000
const MAX_BYTES = 4 << 20
/** As many as Go's client follows. */
const MAX_REDIRECTS = 10

/** The text behind a URL. Trusts the authorities of the machine. Throws what the network, TLS or the server says. */
export async function downloadText(url: URL): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  let at = url
  for (let left = MAX_REDIRECTS; left >= 0; left--) {
    const response = await get(at, signal)
    const { statusCode = 0, headers } = response
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined
    if (!isRedirect) return textOf(response)
    response.destroy()
    at = new URL(headers.location ?? '', at)
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`)
}

async function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const request =
    url.protocol === 'https:'
      ? builtins.https.get(url, { signal, ca: [...systemAuthorities()] })
      : builtins.http.get(url, { signal })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

async function textOf(response: IncomingMessage): Promise<string> {
  const { statusCode } = response
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
