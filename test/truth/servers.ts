import { startApache } from './apache.ts'
import { startNginx, startProxy } from './nginx.ts'
import { goBuild, PROGRAMS, type StartServer, startProgram } from './programs.ts'

const program =
  (...command: string[]): StartServer =>
  (folder, certificate) =>
    startProgram(command, folder, certificate)

const python = program('python3', `${PROGRAMS}server.py`)

/** Every server of the truth rows by its name. */
export const servers = {
  nginx: startNginx,
  nginx_before_python: startProxy(python, true),
  nginx_before_nginx: startProxy(startNginx, false),
  apache_prefork: startApache('prefork'),
  apache_event: startApache('event'),
  python,
  python_asyncio: program('python3', `${PROGRAMS}asyncio_server.py`),
  node: program('node', `${PROGRAMS}server.mjs`),
  go: async (folder: string) => startProgram([await goBuild(folder, 'server')], folder, undefined),
  java: program('java', `${PROGRAMS}Server.java`),
} satisfies Record<string, StartServer>
