import type { Opaque } from '../../config/fields.ts'
import type { Logger } from '../component.ts'
import { ValueFile } from './value_file.ts'

/** A credential that stands in the configuration, or in a file that wins over it. */
export interface Credential {
  readonly value: string
  open(): Promise<void>
  close(): void
}

export function credential(
  text: string | Opaque | undefined,
  file: string,
  log: Logger,
): Credential {
  if (file === '') {
    const value = typeof text === 'object' ? text.reveal() : (text ?? '')
    return { value, open: () => Promise.resolve(), close: () => undefined }
  }
  const found = new ValueFile(file, log)
  return {
    get value() {
      return found.text.trim()
    },
    open: () => found.open(),
    close: () => found.close(),
  }
}
