import { anything } from '../../config/fields.ts'

/** Fields for keys of OBI that do nothing here, each with why. */
export const unusedFields = (keys: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(keys).map(([key, reason]) => [
      key,
      anything().describe(`Of OBI, without effect: ${reason}.`).optional(),
    ]),
  )
