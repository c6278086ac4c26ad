import { StringDecoder } from 'node:string_decoder'

const MAX_LINE = 32 << 20 // characters; etcd takes objects of 1.5 MiB

/** The lines of a stream, empty ones left out. Rejects if one does not end. */
export async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const part of stream) {
    const lines = (rest + decoder.write(part as Buffer)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw new Error(`a line of more than ${MAX_LINE} characters`)
    for (const line of lines) if (line !== '') yield line
  }
}
