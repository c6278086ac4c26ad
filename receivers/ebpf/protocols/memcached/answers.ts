import type { Form } from './commands.ts'
import type { Command, Reply } from './frames.ts'

/** Lines that answer a command of a form; `more` of them may come before the last. */
const LAST: Readonly<Record<Form, RegExp>> = {
  get: /^END$/,
  store: /^(?:STORED|NOT_STORED|EXISTS|NOT_FOUND)$/,
  delete: /^(?:DELETED|NOT_FOUND)$/,
  number: /^(?:0|NOT_FOUND)$/,
  touch: /^(?:TOUCHED|NOT_FOUND)$/,
  meta: /^(?:HD|VA|EN|NS|EX|NF)$/,
  meta_store: /^(?:HD|NS|EX|NF)$/,
  meta_none: /^MN$/,
  meta_debug: /^(?:ME|EN)$/,
  version: /^VERSION$/,
  stats: /^(?:END|RESET|OK)$/,
  other: /^(?!VALUE|VA|HD|END|STAT)[A-Z]/,
}
const MORE: Readonly<Partial<Record<Form, RegExp>>> = {
  get: /^VALUE$/,
  stats: /^(?:STAT|ITEM|PREFIX)$/,
}

type Asked = Pick<Command, 'name' | 'form' | 'binary'>

/** Whether a reply answers the command, and whether that was all. */
export function answerTo(command: Command, reply: Reply): 'no' | 'more' | 'last' {
  if (reply.token !== '' && reply.token !== command.token) return 'no'
  if (isOneOf(command, reply)) return reply.more ? 'more' : 'last'
  return !command.binary && MORE[command.form]?.test(reply.word) === true ? 'more' : 'no'
}

/** Whether a reply, by what it says, is a last one to such a command. */
export function isOneOf({ name, form, binary }: Asked, reply: Reply): boolean {
  if (reply.binary || binary) return reply.binary && binary && reply.word === name
  return reply.error !== '' || LAST[form].test(reply.word)
}
