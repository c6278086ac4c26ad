import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ElfMachine, ElfSymbol } from '../../../../native/elf.ts'
import { describeCost, planFile } from './probes.ts'

const NAMES = ['SSL_read', 'SSL_read_ex', 'SSL_write', 'SSL_write_ex', 'SSL_shutdown', 'SSL_free']
const NOPS = Buffer.alloc(64, 0x90)

const symbols = [...NAMES, 'TLS_method', 'SSL_write_early_data'].map(
  (name, index): ElfSymbol => ({
    name,
    address: 0x1000 + index * 0x100,
    offset: 0x1000 + index * 0x100,
    size: NOPS.length,
    type: 'func',
    table: 'dynsym',
  }),
)

/** Stands for a file whose code is `nop` everywhere: nothing can be proved of it. */
const planOf = (machine: ElfMachine) =>
  planFile(symbols, machine, (_, bytes) => NOPS.subarray(0, bytes))

describe('probes of a file', () => {
  test('arm64: at entry and return, and nothing of the code is read', () => {
    const plan = planFile(symbols, 'arm64', (offset) => assert.fail(`read at ${offset}`))
    const where = plan.probes.map(
      ({ program, symbol, offset, retprobe }) =>
        `${program} ${symbol}${retprobe ? ' return' : ''} +${offset - (symbols.find((one) => one.name === symbol)?.offset ?? 0)}`,
    )
    assert.deepEqual(where, [
      'ssl_return SSL_read return +0',
      'ssl_return SSL_read_ex return +0',
      'ssl_return SSL_write return +0',
      'ssl_return SSL_write_ex return +0',
      'ssl_return SSL_write_early_data return +0',
      'ssl_read SSL_read +0',
      'ssl_read_rcx SSL_read_ex +0',
      'ssl_write SSL_write +0',
      'ssl_write_rcx SSL_write_ex +0',
      'ssl_shutdown SSL_shutdown +0',
      'ssl_free SSL_free +0',
      'ssl_write_rcx SSL_write_early_data +0',
    ])
    assert.equal(
      describeCost(plan, plan.probes),
      'at entry and return of SSL_read, SSL_read_ex, SSL_write: arm64 is not disassembled',
    )
  })

  test('x86-64: the same where nothing is proved', {
    skip: process.arch !== 'x64' && 'disassembles x86-64',
  }, () => {
    const plan = planOf('x86-64')
    assert.equal(plan.probes, plan.plain)
    assert.match(describeCost(plan, plan.probes) ?? '', /: no better place in them is proved$/)
  })
})
