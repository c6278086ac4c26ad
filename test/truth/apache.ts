import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { documentRoot, listening, type StartServer, type Truth } from './programs.ts'

const modules = '/usr/lib/apache2/modules'

/** HTTP/2 in the clear, for clients that ask for it by Upgrade. */
export const WITH_H2C = `LoadModule http2_module ${modules}/mod_http2.so
Protocols h2c http/1.1
`

/**
 * Each process has a thread for every connection of a test: one whose threads are all busy closes kept connections, which a slow
 * machine shows. Source: https://httpd.apache.org/docs/2.4/mod/event.html
 */
const EVENT_THREADS = `StartServers 2
ServerLimit 2
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
`

/** Serves files, by processes (`prefork`) or by threads of processes (`event`); `more`: lines of its configuration. */
export const startApache =
  (worker: 'prefork' | 'event', more = ''): StartServer =>
  async (folder) => {
    const port = await freePort()
    const root = await documentRoot(folder)
    const log = join(folder, `apache-${port}.log`)
    const config = join(folder, `apache-${port}.conf`)
    await writeFile(
      config,
      `ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache-${port}.pid
DefaultRuntimeDir ${folder}
LoadModule mpm_${worker}_module ${modules}/mod_mpm_${worker}.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule rewrite_module ${modules}/mod_rewrite.so
Listen 127.0.0.1:${port}
User nobody
Group nogroup
DocumentRoot ${root}
<Directory ${root}>
  Require all granted
</Directory>
ErrorLog ${folder}/apache-${port}.err
KeepAlive On
KeepAliveTimeout 3600
MaxKeepAliveRequests 0
LogFormat "{\\"path\\":\\"%U\\",\\"method\\":\\"%m\\",\\"status\\":%>s,\\"start\\":%{begin:usec}t,\\"took\\":%D,\\"bytes\\":%B}" truth
CustomLog ${log} truth
RewriteEngine On
RewriteRule ^/r/[^/]+/(.*)$ ${root}/$1 [END]
${worker === 'event' ? EVENT_THREADS : ''}${more}`,
    )
    // In a process group of its own: at its end apache2 signals the whole group.
    const child = spawn('apache2', ['-f', config, '-DFOREGROUND'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    })
    const exited = once(child, 'exit')
    await listening(port, child)
    return {
      base: `http://127.0.0.1:${port}`,
      port,
      truth: async () =>
        (await readFile(log, 'utf8'))
          .split('\n')
          .filter((text) => text.includes('/r/'))
          .map((text) => {
            const { start, took, ...rest } = JSON.parse(text) as Omit<Truth, 'end'> & {
              took: number
            }
            return { ...rest, start: start / 1000, end: (start + took) / 1000 }
          }),
      stop: async () => {
        child.kill('SIGTERM')
        await exited
      },
    }
  }
