import { globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { PROGRAMS, startQuiet } from './programs.ts'

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
  return startQuiet([binary, '-F', '-R', '-y', config], port, folder)
}

/** What nginx needs to pass everything on. */
export const fpmLocations = (port: number): string => `location / {
  include /etc/nginx/fastcgi_params;
  fastcgi_param SCRIPT_FILENAME ${PROGRAMS}site.php;
  fastcgi_pass 127.0.0.1:${port};
}`
