import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Process } from '../discovery/process.ts'
import { processOf } from '../discovery/testing.ts'
import type { TlsReport } from '../explain/report.ts'
import { UnreadLibraries } from './unread_library.ts'

const python = (script: string) =>
  processOf({ exePath: '/usr/bin/python3', args: ['python3', script] })

test('a process that has ended encrypted as others of its program, not of its interpreter', () => {
  const mapped = new Map<Process, string>()
  const asked: Process[] = []
  const libraries = new UnreadLibraries((process) => {
    asked.push(process)
    const library = mapped.get(process)
    const report = { library, file: '', read: false, used: undefined, why: '' }
    return library === undefined ? [] : [report as TlsReport]
  })
  const [shop, till] = [python('shop.py'), python('till.py')]
  mapped.set(shop, 's2n').set(till, 'BoringSSL')
  libraries.meet(shop)
  libraries.meet(till)
  libraries.meet(python('till.py'))
  assert.deepEqual(asked, [shop, till])
  const names = [till, python('till.py'), python('shop.py'), python('other.py')]
  assert.deepEqual(
    names.map((process) => libraries.of(process)),
    ['BoringSSL', 'BoringSSL', 's2n', ''],
  )
})
