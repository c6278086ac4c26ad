import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brought } from '../coverage/bring.ts'

const CONTAINER = '7c'.repeat(32)
const SLEEP = '1000'

/** Its worker ends with it. */
const CRAWL = `import multiprocessing
def stay(): multiprocessing.parent_process().join()
if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    worker = multiprocessing.Process(target=stay)
    worker.start()
    worker.join()
`
const MAIN_JAVA = `package acme;
public class Main { public static void main(String[] a) throws Exception { Thread.sleep(1000000); } }
`
const MAIN_GO = `package main
import "time"
func main() { time.Sleep(1000 * time.Second) }
`
const MANIFEST =
  'Main-Class: acme.Main\nImplementation-Title: shop-backend\nImplementation-Version: 3.1\n'

const CONFIG_RU = "run(lambda { |_| [200, {}, ['']] })\n"
const WSGI = `def app(environ, start_response):
    start_response('200 OK', [])
    return [b'']
`
const FPM = [...globSync('/usr/sbin/php-fpm*').slice(0, 1), '-F', '-R']
const fpmSettings = (folder: string) => `[global]
error_log = ${folder}/fpm.err
[checkout]
user = root
group = root
listen = ${folder}/fpm.sock
pm = static
pm.max_children = 1
`
const UWSGI = ['uwsgi', '--plugin', 'python3', '--http-socket', '127.0.0.1:0']

/** A program that sleeps or waits, and how it should be named. */
export interface Row {
  readonly what: string
  readonly command: (folder: string) => readonly string[]
  readonly name: string
  readonly rule: string
  readonly version?: string
  /** Of its own, below the root of the hierarchy. */
  readonly cgroup?: string
  /** Where it is started. */
  readonly cwd?: (folder: string) => string
  /** The process that it starts is the one that is meant. */
  readonly ofWorker?: boolean
  /** One that has workers ends them, if it is asked to. */
  readonly end?: 'SIGTERM'
}

export const ROWS: readonly Row[] = [
  {
    what: 'a package of Node',
    command: (folder) => [process.execPath, join(folder, 'pay/src/main.mjs')],
    name: '@acme/pay',
    version: '2.0.1',
    rule: 'package.json',
  },
  {
    what: 'a module of Python',
    command: () => ['python3', '-m', 'http.server', '0', '--bind', '127.0.0.1'],
    name: 'http.server',
    rule: 'Python module',
  },
  {
    what: 'a script of Python',
    command: (folder) => ['python3', '-u', join(folder, 'orders.py'), '--port', '80'],
    name: 'orders',
    rule: 'Python script',
  },
  {
    what: 'a worker of a script of Python',
    command: (folder) => ['python3', join(folder, 'crawl.py')],
    ofWorker: true,
    name: 'crawl',
    rule: 'Python script',
  },
  {
    what: 'a JAR with a title',
    command: (folder) => ['java', '-jar', join(folder, 'x-1.0.jar')],
    name: 'shop-backend',
    version: '3.1',
    rule: 'JAR manifest',
  },
  {
    what: 'a class of Java',
    command: (folder) => ['java', '-cp', folder, 'acme.Main'],
    name: 'acme.Main',
    rule: 'main class',
  },
  {
    what: 'a module of Go',
    command: (folder) => [join(folder, 'server')],
    name: 'cart',
    rule: 'Go module path',
  },
  {
    what: 'an application of Puma, which calls itself otherwise',
    command: () => ['puma', '--environment', 'none', '--bind', 'tcp://127.0.0.1:0', 'config.ru'],
    cwd: (folder) => join(folder, 'till'),
    name: 'till',
    rule: 'folder that puma serves',
  },
  {
    what: 'a pool of PHP-FPM',
    command: (folder) => [...FPM, '-y', join(folder, 'fpm.conf')],
    ofWorker: true,
    end: 'SIGTERM',
    name: 'checkout',
    rule: 'PHP-FPM pool',
  },
  {
    what: 'a module that gunicorn serves',
    command: () => ['gunicorn', '--bind', '127.0.0.1:0', 'basket.wsgi:app'],
    cwd: (folder) => join(folder, 'wsgi'),
    end: 'SIGTERM',
    name: 'basket.wsgi',
    rule: 'Python module that gunicorn serves',
  },
  {
    what: 'a module that uwsgi serves, by its arguments',
    command: () => [...UWSGI, '--module', 'basket.wsgi:app'],
    cwd: (folder) => join(folder, 'wsgi'),
    name: 'basket.wsgi',
    rule: 'Python module that uwsgi serves',
  },
  {
    what: 'a module that uwsgi serves, by its settings',
    command: (folder) => [...UWSGI, '--ini', join(folder, 'wsgi/basket.ini')],
    cwd: (folder) => join(folder, 'wsgi'),
    name: 'basket.wsgi',
    rule: 'Python module that uwsgi serves',
  },
  {
    what: 'an application of .NET, in one file with its runtime',
    command: () => [brought.azmcp, 'server', 'start'],
    name: 'azmcp',
    rule: '.NET assembly',
  },
  {
    what: 'a unit of systemd',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'billing',
    rule: 'systemd unit',
    cgroup: 'billing.service',
  },
  {
    what: 'a container',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'web-1',
    rule: 'container name',
    cgroup: `docker/${CONTAINER}`,
  },
  {
    what: 'a link to an executable',
    command: (folder) => [join(folder, 'napper'), SLEEP],
    name: 'napper',
    rule: 'link to the executable',
  },
  {
    what: 'an executable',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'sleeper',
    rule: 'executable',
  },
]

/** What the rows' programs are, or are told to run. */
export function writePrograms(folder: string): void {
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  write(`docker/containers/${CONTAINER}/config.v2.json`, '{"Name": "/web-1"}')
  write('pay/package.json', '{"name": "@acme/pay", "version": "2.0.1"}')
  write('pay/src/main.mjs', 'setInterval(() => undefined, 1e6)')
  write('till/config.ru', CONFIG_RU)
  write('wsgi/basket/wsgi.py', WSGI)
  write('wsgi/basket.ini', '[uwsgi]\nmodule = basket.wsgi:app\n')
  write('fpm.conf', fpmSettings(folder))
  write('orders.py', 'import time; time.sleep(1000)')
  write('crawl.py', CRAWL)
  write('Main.java', MAIN_JAVA)
  write('manifest', MANIFEST)
  run('javac', '-d', folder, join(folder, 'Main.java'))
  run('jar', '--create', '--file', 'x-1.0.jar', '--manifest', 'manifest', 'acme/Main.class')
  write('go.mod', 'module example.com/shop/v2\n')
  write('cmd/cart/main.go', MAIN_GO)
  run('go', 'build', '-o', 'server', './cmd/cart')
  copyFileSync('/bin/sleep', join(folder, 'sleeper'))
  symlinkSync('/bin/sleep', join(folder, 'napper'))
}
