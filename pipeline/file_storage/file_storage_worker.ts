/** The thread that owns all files: a slow disk holds nobody up but those who wait for it. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { StoredRecord } from '../storage.ts'
import type { DatabaseOptions } from './database.ts'
import type { Reply, Request } from './messages.ts'
import { explain, StoredFile } from './stored_file.ts'

/** Requests that share one transaction, and so one wait for the disk. */
const MAX_GROUP = 64

const { port } = workerData as { readonly port: MessagePort }
const files = new Map<string, StoredFile>()

port.on('message', (first: Request) => {
  const requests = [first]
  while (requests.length < MAX_GROUP) {
    const next = receiveMessageOnPort(port)
    if (next === undefined) break
    requests.push(next.message as Request)
  }
  const groups = [...Map.groupBy(requests, pathOf)] // in order within each file
  const replies = groups.flatMap(([path, group]) => perform(path, group))
  port.postMessage(replies, replies.flatMap(bodyOf))
})

function pathOf({ operation, input }: Request): string {
  if (operation === 'open') return (input as DatabaseOptions).path
  return typeof input === 'string' ? input : (input as { file: string }).file
}

/** What opens or closes a file stands alone, what is between goes together. */
function perform(path: string, requests: readonly Request[]): readonly Reply[] {
  const replies: Reply[] = []
  let group: Request[] = []
  const flush = () => {
    if (group.length > 0) replies.push(...within(path, group))
    group = []
  }
  for (const request of requests) {
    if (request.operation !== 'open' && request.operation !== 'close') {
      group.push(request)
      continue
    }
    flush()
    replies.push(request.operation === 'open' ? open(request) : close(request, path))
  }
  flush()
  return replies
}

function open({ number, input }: Request): Reply {
  const options = input as DatabaseOptions
  try {
    const file = new StoredFile(options)
    files.set(options.path, file)
    return { number, result: file.damage }
  } catch (error) {
    const { message, fault } = explain('open', options.path, error)
    return { number, message, fault }
  }
}

function close({ number }: Request, path: string): Reply {
  files.get(path)?.close()
  files.delete(path)
  return { number, result: undefined }
}

function within(path: string, requests: readonly Request[]): readonly Reply[] {
  const file = files.get(path)
  if (file !== undefined) return file.run(requests)
  const message = `file_storage: "${path}" is closed`
  return requests.map(({ number }) => ({ number, message, fault: 'failed' }))
}

/** Bodies move to the other thread, they are not copied. */
function bodyOf(reply: Reply): ArrayBuffer[] {
  if (!('result' in reply)) return []
  const { kind, body } = (reply.result ?? {}) as Partial<StoredRecord>
  return kind === 'record' && body !== undefined ? [body.buffer as ArrayBuffer] : []
}
