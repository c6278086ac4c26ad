import type { GraphNode, Surroundings } from './graph_node.ts'
import { describe } from './telemetry/logger.ts'

/** Starts one node. Rejects in the Collector's words. */
export async function startNode(
  node: GraphNode,
  { status }: Pick<Surroundings, 'status'>,
): Promise<void> {
  const { plan, component } = node
  status(plan, { kind: 'starting' })
  node.running = true
  try {
    await component.start()
  } catch (cause) {
    const what = plan.kind === 'extension' ? 'start extensions' : 'start pipelines'
    throw new Error(
      `cannot ${what}: failed to start "${plan.id}" ${plan.kind}: ${describe(cause)}`,
      { cause },
    )
  }
  status(plan, { kind: 'ok' })
}

/** Stops one node that runs. Resolves when it has stopped, or when `grace` says that it is too late; never rejects. */
export async function stopNode(
  node: GraphNode,
  { host, status }: Pick<Surroundings, 'host' | 'status'>,
  grace: Grace,
): Promise<void> {
  if (!node.running) return
  node.running = false
  const { kind, id } = node.plan
  status(node.plan, { kind: 'stopping' })
  try {
    const done = await Promise.race([node.component.shutdown(grace.deadline), grace.late])
    if (done === LATE) host.log.error('Shutdown missed its deadline.', { kind, id })
  } catch (error) {
    host.log.error('Shutdown went wrong.', { kind, id, error })
  }
  status(node.plan, { kind: 'stopped' })
}

const LATE = Symbol('late')
const GRACE_MS = 500 // for a component to give up by itself once the deadline has passed

export interface Grace {
  readonly deadline: AbortSignal
  readonly late: Promise<typeof LATE>
  cancel(): void
}

/** `late` resolves when the deadline and its grace are over; until it is cancelled this keeps the process running. */
export function graceAfter(deadline: AbortSignal): Grace {
  const { promise, resolve } = Promise.withResolvers<typeof LATE>()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => resolve(LATE), GRACE_MS)
  }
  if (deadline.aborted) begin()
  else deadline.addEventListener('abort', begin, { once: true })
  const cancel = () => {
    clearTimeout(timer)
    deadline.removeEventListener('abort', begin)
  }
  return { deadline, late: promise, cancel }
}
