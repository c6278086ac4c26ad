import { type Detect, NotHere } from '../detector.ts'

export const DYNATRACE_ATTRIBUTES = {
  'host.name': true,
  'dt.entity.host': true,
  'dt.smartscape.host': true,
} as const

/** Where OneAgent writes what it knows of the host. */
const FILE = '/var/lib/dynatrace/enrichment/dt_host_metadata.properties'

/** Source: https://docs.dynatrace.com/docs/shortlink/enrichment-files */
export const dynatrace: Detect = ({ world }) => {
  const text = world.read(FILE)
  if (text === '') return Promise.reject(new NotHere(`${FILE} is not there, or empty`))
  const known = Object.keys(DYNATRACE_ATTRIBUTES)
  const pairs = text
    .split('\n')
    .map((line) => line.split('='))
    .map(([key = '', ...value]) => [key.trim(), value.join('=').trim()] as const)
  return Promise.resolve(Object.fromEntries(pairs.filter(([key]) => known.includes(key))))
}
