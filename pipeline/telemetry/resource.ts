import { randomUUID } from 'node:crypto'
import type { AttributeValue } from '@opentelemetry/api'
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions'

export type OwnResource = Readonly<Record<string, AttributeValue>>

/** Of this process, whatever is configured anew. */
export const INSTANCE_ID = randomUUID()

/** Who weir is in its own telemetry: what is configured over its own name, version and id; a null takes an attribute away. */
export function ownResource(
  version: string,
  configured: ReadonlyMap<string, AttributeValue | null>,
): OwnResource {
  const attributes = new Map<string, AttributeValue | null>([
    [ATTR_SERVICE_INSTANCE_ID, INSTANCE_ID],
    [ATTR_SERVICE_NAME, 'weir'],
    [ATTR_SERVICE_VERSION, version],
    ...configured,
  ])
  return Object.fromEntries(
    [...attributes].flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  )
}
