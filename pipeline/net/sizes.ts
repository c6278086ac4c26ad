import { int } from '../../config/fields.ts'

/** `read_buffer_size` and `write_buffer_size` of gRPC, refused in the Collector's words. */
export const bufferSize = (name: string, defaultBytes: number) =>
  int()
    .check((bytes) => bytes < 0 && `invalid ${name} value: ${bytes}`)
    .default(defaultBytes)
