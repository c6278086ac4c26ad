import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cgroup, kernelIsSince } from './host_checks.ts'

describe('kernelIsSince', () => {
  type Case = [release: string, want: boolean]
  const cases: Case[] = [
    ['5.10.0-28-amd64', true],
    ['5.9.16', false],
    ['6.1.0', true],
    ['4.18.0-553.el8', false],
    ['5.15', true],
  ]
  for (const [release, want] of cases) {
    test(`${release} against 5.10`, () => assert.equal(kernelIsSince([5, 10], release), want))
  }
})

describe('cgroup', () => {
  type Case = [name: string, text: string, memoryMiB: number, state: string, detail: RegExp]
  const cases: Case[] = [
    ['a host', '0::/system.slice/weir.service\n', 24_000, 'ok', /^containers, pods and units/],
    ['a kernel without any', '', 24_000, 'degraded', /^not to be read/],
    [
      'a limit below the peak',
      '0::/\n',
      96,
      'degraded',
      /; 96 MiB .* may take 160, and be killed$/,
    ],
  ]
  for (const [name, text, memoryMiB, state, detail] of cases) {
    test(name, () => {
      const check = cgroup(text, memoryMiB)
      assert.equal(check.state, state)
      assert.match(check.detail, detail)
    })
  }
})
