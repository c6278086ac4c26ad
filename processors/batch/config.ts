import { duration, type Infer, int, list, object, text } from '../../config/fields.ts'

export const schema = object({
  send_batch_size: int()
    .min(0)
    .max(0xffffffff)
    .default(8192)
    .describe(
      'Items (spans, data points, log records) that make a batch leave at once; 0 sends each as it comes.',
    ),
  timeout: duration()
    .default(200)
    .describe('Longest time that an item waits; 0 sends each as it comes.'),
  send_batch_max_size: int()
    .min(0)
    .max(0xffffffff)
    .default(0)
    .describe('Most items of one batch, larger ones are divided; 0 is no limit.'),
  metadata_keys: list(text()).describe(
    'Batches are made apart for each combination of these request headers.',
  ),
  metadata_cardinality_limit: int()
    .min(0)
    .max(0xffffffff)
    .default(1000)
    .describe('Most combinations of metadata_keys; 0 is no limit.'),
})
  .check(
    ({ send_batch_size: size, send_batch_max_size: max }) =>
      max > 0 && max < size && 'send_batch_max_size must be greater or equal to send_batch_size',
    'send_batch_max_size',
  )
  .check((config) => config.timeout < 0 && 'timeout must be greater or equal to 0', 'timeout')
  .check(({ metadata_keys: keys }) => {
    const lower = keys.map((key) => key.toLowerCase())
    const twice = lower.find((key, i) => lower.indexOf(key) !== i)
    return twice !== undefined && `duplicate entry in metadata_keys: "${twice}" (case-insensitive)`
  }, 'metadata_keys')

export type BatchConfig = Infer<typeof schema>
