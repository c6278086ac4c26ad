import { bool, type Infer } from '../../config/fields.ts'
import { httpServerFields } from '../../pipeline/net/http_server_fields.ts'

/** What stands under `receivers::zipkin`. */
export const schema = httpServerFields('localhost:9411', {
  parse_string_tags: bool()
    .default(false)
    .describe('Whether tags that look like a number or a bool become one.'),
})

export type ZipkinConfig = Infer<typeof schema>
