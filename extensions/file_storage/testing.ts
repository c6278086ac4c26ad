import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'
import { testContext } from '../../test/support/context.ts'
import { fileStorage } from './factory.ts'

export const OWNER = { kind: 'exporter', id: 'otlp_http', name: 'traces' } as const
/** What `OWNER` keeps is in. */
export const FILE = 'exporter_otlp_http__traces.sqlite'

/** A folder that goes with the test. */
export function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-storage-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A started extension on a folder. */
export async function storageIn(t: TestContext, directory: string, config: object = {}) {
  const context = testContext('file_storage')
  const extension = new FileStorage(context.ctx, fileStorage.schema.parse({ directory, ...config }))
  await extension.start()
  t.after(() => extension.shutdown())
  return { extension, ...context }
}

export const body = (n: number, bytes = 50_000) => new Uint8Array(bytes).fill(n)

/** Leaves records 1, 2 and so on in a file that is closed. */
export async function fill(t: TestContext, directory: string, records: number): Promise<void> {
  const { extension } = await storageIn(t, directory)
  const client = await extension.storage(OWNER)
  for (let n = 1; n <= records; n++) await client.append(n, `meta ${n}`, body(n))
  await client.close()
}
