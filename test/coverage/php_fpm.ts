import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { listening } from '../truth/programs.ts'
import { PROGRAMS } from './programs.ts'

/** PHP-FPM with a pool of two, on a port. */
export async function startFpm(folder: string) {
  const port = await freePort()
  const config = join(folder, 'fpm.conf')
  await writeFile(
    config,
    `[global]
error_log = ${folder}/fpm.err
[www]
user = root
group = root
listen = 127.0.0.1:${port}
pm = static
pm.max_children = 2
`,
  )
  const [binary = 'php-fpm'] = globSync('/usr/sbin/php-fpm*')
  const child = spawn(binary, ['-F', '-R', '-y', config], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  await listening(port, child)
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** What nginx needs to pass everything on. */
export const fpmLocations = (port: number): string => `location / {
  include /etc/nginx/fastcgi_params;
  fastcgi_param SCRIPT_FILENAME ${PROGRAMS}site.php;
  fastcgi_pass 127.0.0.1:${port};
}`
