import { bool, duration, type Infer, int, object, text } from '../../config/fields.ts'

const compaction = object({
  on_start: bool().default(false).describe('Gives unused space back when a file is opened.'),
  on_rebound: bool()
    .default(false)
    .describe(
      'Gives unused space back while weir runs, after a file was large and is small again.',
    ),
  directory: text()
    .default('/var/lib/otelcol/file_storage')
    .describe('No effect: a file shrinks in its place, without a copy.'),
  rebound_needed_threshold_mib: int()
    .min(0)
    .default(100)
    .describe('A file that was larger than this is looked after.'),
  rebound_trigger_threshold_mib: int()
    .min(0)
    .default(10)
    .describe('It shrinks once less than this of it is in use.'),
  max_transaction_size: int()
    .default(65_536)
    .check((n) => n < 0 && 'max transaction size for compaction cannot be less than 0')
    .describe('Pages of 16 KiB that are given back at once; 0 is no limit.'),
  check_interval: duration().default(5000).describe('Time between two looks, for on_rebound.'),
  cleanup_on_start: bool()
    .default(false)
    .describe('No effect: shrinking leaves no temporary files.'),
})
  .check(
    ({ on_rebound, check_interval: ms }) =>
      on_rebound &&
      ms <= 0 &&
      'compaction check interval must be positive when rebound compaction is set',
    'check_interval',
  )
  .describe('When files give unused space back to the file system.')

/** What stands under `extensions::file_storage`. */
export const schema = object({
  directory: text()
    .default('/var/lib/otelcol/file_storage')
    .describe('Where the files are. Of one process alone.'),
  timeout: duration()
    .min(0)
    .default(1000)
    .describe('How long another process may hold a file before that is an error; 0 is not at all.'),
  create_directory: bool()
    .default(false)
    .describe('Whether a missing directory is created; else it is an error.'),
  directory_permissions: text()
    .default('0750')
    .check(
      (octal) =>
        !/^[0-7]+$/.test(octal) &&
        'directory_permissions value must be a valid octal representation',
    )
    .check(
      (octal) =>
        Number.parseInt(octal, 8) > 0o777 &&
        'directory_permissions contain invalid bits for file access',
    )
    .describe('Of a directory that is created, less the umask; in octal.'),
  fsync: bool()
    .default(false)
    .describe(
      'Whether data is safe against a loss of power too; without it, against the end of weir.',
    ),
  max_size: int().min(0).default(0).describe('Largest file in bytes; 0 is no limit.'),
  recreate: bool()
    .default(false)
    .describe('No effect: what can be read of a damaged file always goes on in a new one.'),
  compaction,
})

export type FileStorageConfig = Infer<typeof schema>
