import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Process } from './process.ts'
import {
  dotnetAssembly,
  goModule,
  gunicornTitle,
  javaArchive,
  type Named,
  nodePackage,
  pythonModule,
  rubyGem,
  rubyServer,
  uwsgiModule,
} from './runtime_names.ts'
import { processOf } from './testing.ts'

/** Files are reached through /proc/PID/root: this process stands for the one that is named. */
const self = processOf({ tgid: process.pid })

/** As Python writes it: packed, the manifest not the first entry. */
const MAKE_JAR = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as jar:
    jar.writestr('a/b.class', 'x' * 5000)
    jar.writestr('META-INF/MANIFEST.MF', sys.argv[2])
`

describe('names that a runtime finds beside its program', () => {
  let folder: string
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  const jar = (name: string, manifest: string) => {
    const path = join(folder, name)
    execFileSync('python3', ['-c', MAKE_JAR, path, manifest])
    return path
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-names-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('the nearest package.json that has a name', () => {
    file('shop/package.json', '{"name": "@acme/cart", "version": "2.0.1"}')
    file('shop/src/package.json', '{"type": "module"}')
    const script = file('shop/src/main.js', '')
    const want = { name: '@acme/cart', version: '2.0.1', rule: 'package.json' }
    assert.deepEqual(nodePackage(self, script), want)
  })

  test('no package.json, a broken one, a link out of the root', () => {
    const script = file('none/a/main.js', '')
    file('none/package.json', '{')
    symlinkSync(
      file('elsewhere/package.json', '{"name": "x"}'),
      join(folder, 'none/a/package.json'),
    )
    assert.equal(nodePackage(self, script), undefined)
  })

  test('the title in the manifest of a JAR, its lines folded', () => {
    const title = 'shop-backend-with-a-name-that-does-not-fit'
    const path = jar(
      'x-1.0.jar',
      `Manifest-Version: 1.0\r\nImplementation-Title: shop-backend-with-a\r\n -name-that-does-not-fit\r\nImplementation-Version: 3.1\r\n\r\nName: a/\r\nImplementation-Title: no\r\n`,
    )
    assert.deepEqual(javaArchive(self, path), { name: title, version: '3.1', rule: 'JAR manifest' })
  })

  test('a JAR without a title, and what is no archive', () => {
    const want = { name: 'shop', version: '1.2.3', rule: 'JAR name' }
    assert.deepEqual(javaArchive(self, jar('shop-1.2.3.jar', 'Manifest-Version: 1.0\n')), want)
    assert.deepEqual(javaArchive(self, file('text/shop-1.2.3.jar', 'PK\x05\x06')), want)
    assert.deepEqual(javaArchive(self, '/nowhere/shop-1.2.3.jar'), want)
  })

  test('an assembly and its version', () => {
    file('net/Shop.deps.json', '{"libraries": {"Shop/1.4.0": {"type": "project"}}}')
    const path = join(folder, 'net/Shop.dll')
    const want = { name: 'Shop', version: '1.4.0', rule: '.NET assembly' }
    assert.deepEqual(dotnetAssembly(self, path), want)
    assert.equal(dotnetAssembly(self, '/nowhere/Shop.dll').version, '')
  })

  test('a script of Ruby', () => {
    assert.equal(rubyGem(self, '/srv/web.rb').name, 'web')
  })
})

describe('pythonModule', () => {
  type Case = [args: string, kind: 'file' | 'module', text: string, want: string]
  const cases: Case[] = [
    ['python3 /usr/bin/gunicorn -w 4 shop.wsgi:app', 'file', '/usr/bin/gunicorn', 'shop.wsgi'],
    ['python3 -m uvicorn cart:create() --port 80', 'module', 'uvicorn', 'cart'],
    ['python3 /usr/bin/gunicorn', 'file', '/usr/bin/gunicorn', 'gunicorn'],
    ['python3 shop/manage.py runserver', 'file', 'shop/manage.py', 'shop'],
    ['python3 manage.py', 'file', 'manage.py', 'manage'],
    ['python3 app.py 10.0.0.1:80', 'file', 'app.py', 'app'],
  ]
  for (const [args, kind, text, want] of cases) {
    test(args, () => {
      const { name } = pythonModule(processOf({ args: args.split(' ') }), { kind, text })
      assert.equal(name, want)
    })
  }
})

describe('servers by what they call themselves, or were told to load', () => {
  type Case = [args: string[], of: (process: Process) => Named | undefined, want: string]
  const cases: Case[] = [
    [['gunicorn: worker [shop.wsgi:app]'], gunicornTitle, 'shop.wsgi'],
    [['gunicorn: master [till]'], gunicornTitle, 'till'],
    [['gunicorn', 'shop:app'], gunicornTitle, ''],
    [['uwsgi', '--http', ':80', '-w', 'shop.wsgi:app'], uwsgiModule, 'shop.wsgi'],
    [['uwsgi', '--module=shop'], uwsgiModule, 'shop'],
    [['uwsgi', '--wsgi-file', '/srv/shop.py'], uwsgiModule, 'shop'],
    [['uwsgi', '/nowhere/till.ini'], uwsgiModule, 'till'],
    [['uwsgi', '--module'], uwsgiModule, ''],
    [['uwsgi', '--http', ':80'], uwsgiModule, ''],
    [['ruby', 'puma'], rubyServer, ''],
    [['irb: x'], rubyServer, ''],
  ]
  for (const [args, of, want] of cases) {
    test(args.join(' '), () => assert.equal(of(processOf({ args }))?.name ?? '', want))
  }

  test('the folder that Puma was started in, whatever it calls itself', () => {
    const args = ['puma 5.6.5 (tcp://127.0.0.1:80) [shop]']
    assert.equal(
      rubyServer(processOf({ tgid: process.pid, args }))?.rule,
      'folder that puma serves',
    )
  })

  test('a setting of uwsgi', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-names-'))
    try {
      writeFileSync(join(folder, 'x.ini'), '[uwsgi]\nhttp = :80\nwsgi-file = /srv/cart.py\n')
      const args = ['uwsgi', '--ini', join(folder, 'x.ini')]
      assert.equal(uwsgiModule(processOf({ tgid: process.pid, args }))?.name, 'cart')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('goModule', () => {
  type Case = [path: string, want: string | undefined]
  const cases: Case[] = [
    ['example.com/shop/v2/cmd/cart', 'cart'],
    ['example.com/shop/v2', 'shop'],
    ['command-line-arguments', undefined],
    ['', undefined],
  ]
  for (const [path, want] of cases) {
    test(path === '' ? 'none' : path, () => {
      assert.equal(goModule({ version: '1.22', path, moduleVersion: '' })?.name, want)
    })
  }
})
