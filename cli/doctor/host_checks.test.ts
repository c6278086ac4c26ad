import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kernelIsSince } from './host_checks.ts'

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
