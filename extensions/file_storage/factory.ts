import { defineExtension } from '../../pipeline/component.ts'
import { schema } from '../../pipeline/file_storage/config.ts'
import { FileStorage } from '../../pipeline/file_storage/file_storage.ts'

/** Keeps queues, and what else components want to find again, in files. */
export const fileStorage = defineExtension({
  type: 'file_storage',
  stability: { extension: 'beta' },
  schema,
  create: (ctx, config) => new FileStorage(ctx, config),
})
