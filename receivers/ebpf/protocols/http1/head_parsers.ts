import type { RequestHead, ResponseHead } from './head.ts'
import { parseRequestHead, parseResponseHead } from './parse.ts'

/** 1xx but 101: another response follows. */
export const isInterim = (head: ResponseHead): boolean => head.status < 200 && head.status !== 101

export const REQUEST_PARSER = {
  direction: 'request',
  parse: parseRequestHead,
  isComplete: (head: RequestHead) => head.complete,
  scansLaterCalls: true,
} as const

export const RESPONSE_PARSER = {
  direction: 'response',
  parse: parseResponseHead,
  isComplete: (head: ResponseHead) => head.complete,
  scansLaterCalls: false,
} as const
