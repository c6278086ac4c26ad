import { parseId } from './component_id.ts'
import { type Expanded, isMap } from './expanded.ts'
import { KINDS, type Kind } from './registry.ts'

/** The types of component that a configuration names, whether there are such or not. */
export function namedTypes(root: Expanded): (readonly [kind: Kind, type: string])[] {
  if (!isMap(root.value)) return []
  const { value } = root
  return KINDS.flatMap((kind) => {
    const section = value.get(`${kind}s`)?.node.value
    const ids = section !== undefined && isMap(section) ? [...section.keys()] : []
    return ids.map(parseId).flatMap((id) => ('type' in id ? [[kind, id.type] as const] : []))
  })
}
