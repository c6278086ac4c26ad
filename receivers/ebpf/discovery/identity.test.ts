import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NO_CGROUP } from './cgroup.ts'
import { NO_NAMES } from './container_names.ts'
import { type IdentitySources, identify } from './identity.ts'
import { runtimeOf } from './runtime.ts'
import { BY_ITSELF, descriptionOf, processOf } from './testing.ts'

const PYTHON = { language: 'python', name: 'cpython', version: '', by: 'a test' }
const NOT_CHOSEN = { name: '', namespace: '' }

function identityOf(
  exePath: string,
  args: string,
  env: Record<string, string> = {},
  more: Partial<IdentitySources> = {},
) {
  const process = processOf({
    exePath,
    args: args === '' ? [] : args.split(' '),
    env: new Map(Object.entries(env)),
  })
  const description = descriptionOf()
  const runtime = runtimeOf(process, description.executable)
  return identify({ process, ...description, runtime, chosen: NOT_CHOSEN, ...BY_ITSELF, ...more })
}
const named = (...args: Parameters<typeof identityOf>) => identityOf(...args).name

describe('service.name', () => {
  type Case = [name: string, exePath: string, args: string, want: string]
  const cases: Case[] = [
    ['an executable', '/usr/sbin/nginx', 'nginx: worker process', 'nginx'],
    ['python and a script', '/usr/bin/python3.11', 'python3 -u /srv/app.py --port 80', 'app'],
    ['python and a module', '/usr/bin/python3.11', 'python3 -m http.server 8000', 'http.server'],
    ['python, an option with a value first', '/usr/bin/python3', 'python3 -W ignore app.py', 'app'],
    ['python and a line of code', '/usr/bin/python3', 'python3 -c print(1) app.py', 'python3'],
    ['python, interactive', '/usr/bin/python3', 'python3', 'python3'],
    ['python, from standard input', '/usr/bin/python3', 'python3 -', 'python3'],
    ['node and a script', '/usr/bin/node', 'node --require ./x.js server.mjs', 'server'],
    [
      'node, options with equals sign',
      '/usr/bin/node',
      'node --max-old-space-size=64 /srv/api.js',
      'api',
    ],
    ['node and a line of code', '/usr/bin/node', 'node -e 1', 'node'],
    ['java and a jar', '/usr/lib/jvm/bin/java', 'java -Xmx1g -jar /opt/shop.jar --x', 'shop'],
    [
      'java and a class',
      '/usr/lib/jvm/bin/java',
      'java -cp a:b com.example.Main',
      'com.example.Main',
    ],
    [
      'java and a module',
      '/usr/bin/java',
      'java -p mods -m shop/com.example.Main',
      'com.example.Main',
    ],
    ['ruby', '/usr/bin/ruby3.1', 'ruby /srv/web.rb', 'web'],
    ['php server', '/usr/bin/php8.2', 'php -S 0.0.0.0:80 router.php', 'router'],
    ['dotnet', '/usr/bin/dotnet', 'dotnet /app/Shop.dll', 'Shop'],
    ['deno', '/usr/bin/deno', 'deno run -A main.ts', 'main'],
    ['no executable known', '', '/usr/bin/curl -s http://x', 'curl'],
    ['nothing known', '', '', 'comm'],
  ]
  for (const [name, exePath, args, want] of cases) {
    test(name, () => assert.equal(named(exePath, args), want))
  }

  type EnvCase = [name: string, env: Record<string, string>, want: string]
  const envCases: EnvCase[] = [
    ['told by OTEL_SERVICE_NAME', { OTEL_SERVICE_NAME: 'shop' }, 'shop'],
    ['told by attributes', { OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=sh%20op' }, 'sh op'],
    [
      'OTEL_SERVICE_NAME wins',
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a', OTEL_SERVICE_NAME: 'b' },
      'b',
    ],
    ['an empty one is none', { OTEL_SERVICE_NAME: '' }, 'app'],
    ['a malformed list is none', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,b' }, 'app'],
  ]
  for (const [name, env, want] of envCases) {
    test(name, () => assert.equal(named('/usr/bin/python3', 'python3 app.py', env), want))
  }

  type RuleCase = [name: string, more: Partial<IdentitySources>, want: string, rule: string]
  const unit = processOf({ cgroup: { ...NO_CGROUP, path: '/s/web.service', unit: 'web' } })
  const container = { ...NO_NAMES, name: 'web-1' }
  const go = { version: '1.22', path: 'example.com/shop/v2', moduleVersion: 'v2.1.0' }
  const ruleCases: RuleCase[] = [
    ['the executable', { process: processOf() }, 'nginx', 'executable'],
    [
      'the link that was called',
      {
        process: processOf({
          exePath: '/usr/bin/redis-check-rdb',
          comm: 'redis-server',
          args: ['/usr/bin/redis-server *:6379'],
        }),
      },
      'redis-server',
      'link to the executable',
    ],
    [
      'the executable, when only the process says otherwise',
      { process: processOf({ exePath: '/usr/bin/a', comm: 'a', args: ['b'] }) },
      'a',
      'executable',
    ],
    [
      'what a worker of multiprocessing is a part of',
      {
        process: processOf({
          exePath: '/usr/bin/python3',
          args: ['python3', '-c', 'from multi...'],
        }),
        runtime: PYTHON,
        maker: processOf({
          exePath: '/usr/bin/python3',
          args: 'python3 /usr/bin/uvicorn --workers 2 shop:app'.split(' '),
        }),
      },
      'shop',
      'Python module that uvicorn serves',
    ],
    ['its container', { process: processOf(), container }, 'web-1', 'container name'],
    ['its unit', { process: unit, container }, 'web', 'systemd unit'],
    [
      'a Go module',
      { process: unit, executable: { ...descriptionOf().executable, go } },
      'shop',
      'Go module path',
    ],
    [
      'a PHP-FPM pool',
      {
        process: processOf({ args: ['php-fpm: pool shop'] }),
        runtime: descriptionOf({ language: 'php' }).runtime,
      },
      'shop',
      'PHP-FPM pool',
    ],
    [
      'the entry that chose it',
      { process: unit, chosen: { name: 'edge', namespace: '' } },
      'edge',
      'name of the entry of instrument',
    ],
    [
      'what it was told, above all',
      {
        process: processOf({ env: new Map([['OTEL_SERVICE_NAME', 'told']]) }),
        chosen: { name: 'edge', namespace: '' },
      },
      'told',
      'OTEL_SERVICE_NAME of the process',
    ],
  ]
  for (const [name, more, want, rule] of ruleCases) {
    test(`by ${name}`, () => {
      const identity = identityOf('', '', {}, more)
      assert.deepEqual([identity.name, identity.rule], [want, rule])
    })
  }

  test('namespace and version: what it was told, the entry, the container', () => {
    const told = { OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=a,service.version=1' }
    const chosen = { name: '', namespace: 'b' }
    const pod = { ...NO_NAMES, namespace: 'c' }
    const both = (...args: Parameters<typeof identityOf>) => {
      const { namespace, version } = identityOf(...args)
      return [namespace, version]
    }
    assert.deepEqual(both('/a', '', told, { chosen, container: pod }), ['a', '1'])
    assert.deepEqual(both('/a', '', {}, { chosen, container: pod }), ['b', ''])
    assert.deepEqual(both('/a', '', {}, { container: pod }), ['c', ''])
  })
})
