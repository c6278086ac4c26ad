/** `npm run guest -- 6.1 COMMAND`: runs a command as root under another kernel, on this machine's files. */

import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS } from '../test/guest/kernels.ts'

const [kernel = '', ...command] = process.argv.slice(2)
if (!GUEST_KERNELS.some((one) => one === kernel) || command.length === 0) {
  process.stderr.write(`usage: npm run guest -- ${GUEST_KERNELS.join('|')} COMMAND\n`)
  process.exitCode = 2
} else {
  const { exitCode } = await runInGuest({
    kernel,
    command: `cd ${JSON.stringify(process.cwd())}\n${command.join(' ')}`,
    systemd: process.env['WEIR_SYSTEMD'] === '1',
    icount: process.env['WEIR_ICOUNT'] === '1',
    onOutput: (text) => process.stdout.write(text),
  })
  process.exitCode = exitCode
}
