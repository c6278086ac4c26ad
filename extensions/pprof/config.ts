import { endpoint, type Infer, int, object, text } from '../../config/fields.ts'

export const schema = object({
  endpoint: endpoint().default('localhost:1777').describe('Where to listen.'),
  block_profile_fraction: int().default(0).describe('No effect: weir has no goroutines.'),
  mutex_profile_fraction: int().default(0).describe('No effect: weir has no goroutines.'),
  save_to_file: text()
    .default('')
    .describe('Where a profile of the whole run is written at its end.'),
})

export type PprofConfig = Infer<typeof schema>
