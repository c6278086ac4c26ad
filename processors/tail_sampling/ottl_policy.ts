import type { Infer } from '../../config/fields.ts'
import type { Context } from '../../pipeline/component.ts'
import type { ContextName } from '../../pipeline/ottl/contexts.ts'
import { Frame } from '../../pipeline/ottl/frame.ts'
import { convertersOf } from '../../pipeline/ottl/functions/standard.ts'
import { compileProgram } from '../../pipeline/ottl/program.ts'
import { anyTrue, failuresOf } from '../../pipeline/ottl/run.ts'
import type { sections } from './config.ts'
import { type Policy, stateless, type TraceView } from './policy.ts'

/** Conditions on spans and their events, of which one has to be true. Throws for one that is wrong. */
export function ottlCondition(
  settings: Infer<(typeof sections)['ottl_condition']>,
  ctx: Context,
): Policy {
  const onFailure = failuresOf(ctx, settings.error_mode)
  const testOf = (context: ContextName, conditions: readonly string[]) => {
    const program = compileProgram({ signal: 'traces', context, conditions }, convertersOf)
    return (frame: Frame) => anyTrue(program.conditions, frame, onFailure)
  }
  const ofSpan = testOf('span', settings.span)
  const ofEvent = testOf('spanevent', settings.spanevent)
  const hasEvents = settings.spanevent.length > 0
  return stateless((trace) =>
    someFrame(trace, (frame) => {
      if (ofSpan(frame)) return true
      return (
        hasEvents &&
        frame.span.events.some((event) => {
          frame.event = event
          return ofEvent(frame)
        })
      )
    }),
  )
}

function someFrame(trace: TraceView, test: (frame: Frame) => boolean): boolean {
  const frame = new Frame()
  return trace.resources.some(({ resource, scopeSpans }) =>
    scopeSpans.some(({ scope, spans }) =>
      spans.some((span) => {
        frame.resource = resource
        frame.scope = scope
        frame.span = span
        frame.cache = []
        return test(frame)
      }),
    ),
  )
}
