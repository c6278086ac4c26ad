import { isatty } from 'node:tty'
import { enumOf, object } from '../../config/fields.ts'
import { defineExporter } from '../../pipeline/component.ts'
import { openOutput } from '../../pipeline/output.ts'
import { ConsoleExporter } from './console.ts'
import { coloured, plain } from './line.ts'

const schema = object({
  color: enumOf(['auto', 'always', 'never'])
    .default('auto')
    .describe('auto: on a terminal, unless NO_COLOR is set or TERM is dumb.'),
})

/** Shows each span as one line on standard output. */
export const consoleExporter = defineExporter({
  type: 'console',
  stability: { traces: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config) =>
      new ConsoleExporter(ctx, () => openOutput(1), isColoured(config.color) ? coloured : plain),
  },
})

function isColoured(color: 'auto' | 'always' | 'never'): boolean {
  const { NO_COLOR = '', TERM } = process.env
  if (color === 'auto') return isatty(1) && NO_COLOR === '' && TERM !== 'dumb'
  return color === 'always'
}
