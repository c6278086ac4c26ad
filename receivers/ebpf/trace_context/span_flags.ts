import { FLAG_RANDOM, FLAG_SAMPLED } from './parent.ts'

/** OTLP's Span.flags beyond the W3C flags: whether the parent is remote is known, and it is. */
const PARENT_IS_REMOTE = 0x300

/** Span.flags of a span that begins a trace. */
export const ROOT_FLAGS = FLAG_SAMPLED | FLAG_RANDOM

/** The same of a server's span, whose parent has these flags, or of a client's, which stands beside that parent. */
export const childFlags = (parentFlags: number, isServer: boolean): number =>
  parentFlags | FLAG_SAMPLED | (isServer ? PARENT_IS_REMOTE : 0)
