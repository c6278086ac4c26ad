import type { ContextName } from '../contexts.ts'
import { type Functions, functionsOf } from '../function.ts'
import { checks } from './checks.ts'
import { communityId } from './community_id.ts'
import { editors } from './editors.ts'
import { flatten } from './flatten.ts'
import { extractGrokPatterns } from './grok.ts'
import { hashes } from './hashes.ts'
import { lambdas } from './lambdas.ts'
import { lists } from './lists.ts'
import { parsing } from './parsing.ts'
import { replacing } from './replacing.ts'
import { parseSeverity } from './severity.ts'
import { spanFunctions } from './spans.ts'
import { texts } from './texts.ts'
import { times } from './times.ts'
import { types } from './types.ts'
import { userAgent } from './user_agent.ts'
import { xml } from './xml.ts'

const standardConverters = [
  ...types,
  ...texts,
  ...lists,
  ...lambdas,
  ...hashes,
  ...times,
  ...parsing,
  ...checks,
  ...xml,
  communityId,
  extractGrokPatterns,
  parseSeverity,
  userAgent,
]
export const standardEditors = [...editors, flatten, ...replacing]

/** What conditions may call. */
const converters: Functions = functionsOf(standardConverters)

const forSpans: Functions = functionsOf(standardConverters, spanFunctions)

/** What conditions of a context may call. */
export const convertersOf = (context: ContextName): Functions =>
  context === 'span' || context === 'spanevent' ? forSpans : converters

const editing: Functions = new Map([...converters, ...functionsOf(standardEditors)])
const editingSpans: Functions = new Map([...editing, ...functionsOf(spanFunctions)])

/** What statements of a context may call. */
export const functionsIn = (context: ContextName): Functions =>
  context === 'span' || context === 'spanevent' ? editingSpans : editing
