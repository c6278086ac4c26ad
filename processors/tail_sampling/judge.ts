import type { Context } from '../../pipeline/component.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import type { Labels } from '../../pipeline/telemetry/counters.ts'
import { compilePolicy, uselessSections } from './compile.ts'
import type { TailConfig } from './config.ts'
import type { Decision, Policy, TraceView } from './policy.ts'

interface NamedPolicy extends Policy {
  readonly name: string
  readonly drops: boolean
  readonly labels: Readonly<Record<Decision, Labels>>
}

/** As the Collector labels decisions. */
export const DECISION_LABELS: Readonly<Record<Decision, Labels>> = {
  sampled: { sampled: 'true', decision: 'sampled' },
  not_sampled: { sampled: 'false', decision: 'not_sampled' },
  dropped: { sampled: 'false', decision: 'dropped' },
}

/** Asks the policies, those that drop first, and counts what they say. */
export class Judge {
  readonly #ctx: Context
  readonly #policies: readonly NamedPolicy[]
  readonly #firstMatch: boolean
  readonly #counts = new Map<Labels, number>()

  /** Throws if a policy cannot be made, or is not for the strategy. */
  constructor(ctx: Context, config: TailConfig) {
    this.#ctx = ctx
    this.#firstMatch = config.sample_on_first_match
    const policies = config.policies.map((one) => namedPolicy(ctx, one))
    if (config.sampling_strategy === 'span-ingest') refuseStateful(policies)
    const drops = policies.filter((one) => one.drops)
    this.#policies = [...drops, ...policies.filter((one) => !one.drops)]
  }

  /** Of a whole trace. */
  decide(trace: TraceView): Decision {
    let decision: Decision = 'not_sampled'
    for (const policy of this.#policies) {
      const said = this.#ask(policy, trace)
      if (said === 'dropped') return said
      if (said === 'sampled') decision = said
      if (said === 'sampled' && this.#firstMatch) break
    }
    return decision
  }

  /** Of a part of a trace, as it comes; undefined: what comes later may tell. */
  decideEarly(trace: TraceView): Decision | undefined {
    for (const policy of this.#policies) {
      const said = this.#ask(policy, trace)
      if (said === 'dropped' || said === 'sampled') return said
      // The spans to come may be such as have to go.
      if (policy.drops && said !== undefined) return this.#nextDrops(policy, trace)
    }
    return undefined
  }

  #nextDrops(asked: NamedPolicy, trace: TraceView): Decision | undefined {
    const rest = this.#policies.slice(this.#policies.indexOf(asked) + 1)
    const drops = rest.filter((one) => one.drops)
    return drops.map((one) => this.#ask(one, trace)).find((said) => said === 'dropped')
  }

  /** Undefined if it cannot say. */
  #ask(policy: NamedPolicy, trace: TraceView): Decision | undefined {
    try {
      const said = policy.evaluate(trace)
      const labels = policy.labels[said]
      this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1)
      return said
    } catch {
      this.#ctx.count('tail_sampling_sampling_policy_evaluation_error', 1)
      return undefined
    }
  }

  /** Tells the counters what was said since the last time. */
  report(): void {
    for (const [labels, n] of this.#counts) {
      this.#ctx.count('tail_sampling_count_traces_sampled', n, labels)
    }
    this.#counts.clear()
  }
}

function namedPolicy(ctx: Context, config: TailConfig['policies'][number]): NamedPolicy {
  const useless = uselessSections(config)
  if (useless.length > 0) {
    const about = `policy ${config.name} of type ${config.type} has no use for`
    ctx.log.warn(`${about} ${useless.join(', ')}`)
  }
  const [, component] = ctx.id.split('/', 2)
  const policy = component === undefined ? config.name : `${component}.${config.name}`
  const labels = (decision: Decision) => ({ policy, ...DECISION_LABELS[decision] })
  return {
    ...compile(config, ctx),
    name: config.name,
    drops: config.type === 'drop',
    labels: {
      sampled: labels('sampled'),
      not_sampled: labels('not_sampled'),
      dropped: labels('dropped'),
    },
  }
}

function compile(config: TailConfig['policies'][number], ctx: Context): Policy {
  try {
    return compilePolicy(config, ctx)
  } catch (cause) {
    const why = messageOf(cause)
    throw new Error(
      `failed to create policy evaluator for ${JSON.stringify(config.name)}: ${why}`,
      {
        cause,
      },
    )
  }
}

function refuseStateful(policies: readonly NamedPolicy[]): void {
  const found = policies.find((policy) => policy.stateful)
  if (found === undefined) return
  throw new Error(
    `sampling_strategy "span-ingest" requires all policies to be stateless, but policy ${JSON.stringify(found.name)} is stateful`,
  )
}
