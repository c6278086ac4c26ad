import {
  bool,
  duration,
  enumOf,
  type Infer,
  int,
  object,
  optional,
  text,
} from '../../config/fields.ts'

const rotation = optional(
  object({
    max_megabytes: int()
      .min(0)
      .default(100)
      .describe('A file of this size is followed by another; 0 is 100.'),
    max_days: int().min(0).default(0).describe('Older files are deleted; 0 is never.'),
    max_backups: int().min(0).default(100).describe('Older files that are kept; 0 is all.'),
    localtime: bool()
      .default(false)
      .describe('Whether names of older files have local time; else UTC.'),
  }),
).describe('Starts new files; off unless it is there.')

const groupBy = object({
  enabled: bool()
    .default(false)
    .describe('Whether each value of the attribute has a file of its own.'),
  resource_attribute: text()
    .default('fileexporter.path_segment')
    .describe('Its value stands in path for `*`. Resources without it are dropped.'),
  max_open_files: int().min(1).default(100).describe('Files that are open at the same time.'),
}).describe('Divides by a resource attribute.')

/** What stands under `exporters::file`. */
export const schema = object({
  path: text().default('').describe('The file, relative to the working directory.'),
  append: bool()
    .default(false)
    .describe('Whether to write behind what is there; else it is emptied.'),
  rotation,
  format: enumOf(['json', 'proto'], () => 'format type is not supported')
    .default('json')
    .describe('OTLP as JSON, a request a line, or as protobuf after 4 bytes of length.'),
  encoding: text()
    .default('')
    .check(
      (id) =>
        id !== '' && `encoding "${id}": weir has no encoding extensions; format is json or proto`,
    )
    .describe('Not supported: weir has no encoding extensions.'),
  compression: enumOf(['', 'zstd'], () => 'compression is not supported')
    .default('')
    .describe('Each request on its own, after 4 bytes of length.'),
  flush_interval: duration()
    .check((ms) => ms < 0 && 'flush_interval must be larger than zero')
    .default(1000)
    .describe('Longest time that data waits in memory; 0 is 1s.'),
  group_by: groupBy,
  create_directory: bool().default(false).describe('Whether a missing directory is created.'),
  directory_permissions: text()
    .default('')
    .describe("Of a directory that is created, less the umask; in octal. '0755' if empty."),
})
  .check(
    ({ append, compression }) =>
      append &&
      compression !== '' &&
      'append and compression enabled at the same time is not supported',
    'append',
  )
  .check(
    ({ append, rotation: rotates }) =>
      append &&
      rotates !== undefined &&
      'append and rotation enabled at the same time is not supported',
    'append',
  )
  .check(({ path }) => path === '' && 'path must be non-empty')
  .check(groupPathFault, 'path')
  .check(permissionsFault, 'directory_permissions')

export type FileConfig = Infer<typeof schema>

interface Grouped {
  readonly path: string
  readonly group_by: { readonly enabled: boolean; readonly resource_attribute: string }
}

function groupPathFault({ path, group_by: { enabled, resource_attribute } }: Grouped) {
  if (!enabled) return false
  if (path.split('*').length !== 2) {
    return 'path must contain exactly one * when group_by is enabled'
  }
  if (path.startsWith('*')) return 'path must not start with * when group_by is enabled'
  return (
    resource_attribute === '' && 'resource_attribute must not be empty when group_by is enabled'
  )
}

function permissionsFault(config: {
  readonly create_directory: boolean
  readonly directory_permissions: string
}) {
  const octal = config.directory_permissions
  if (octal === '') return false
  if (!config.create_directory) {
    return 'directory_permissions requires create_directory to be true'
  }
  if (!/^[0-7]+$/.test(octal)) {
    return 'directory_permissions value must be a valid octal representation'
  }
  return (
    Number.parseInt(octal, 8) > 0o777 &&
    'directory_permissions contain invalid bits for file access'
  )
}
