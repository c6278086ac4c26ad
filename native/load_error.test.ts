import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadError, memlockHint, parseLoadMessages } from './load_error.ts'

const VERIFIER = [
  "prog 'on_write': BPF program load failed: Permission denied",
  "prog 'on_write': -- BEGIN PROG LOAD LOG --\n0: (79) r6 = *(u64 *)(r1 +0)\n1: (95) exit\nR0 !read_ok\n\nprocessed 2 insns (limit 1000000) max_states_per_insn 0\n-- END PROG LOAD LOG --",
  "prog 'on_write': failed to load: -13",
  "failed to load object 'tcp.bpf.o'",
]
const NO_TARGET = [
  "prog 'on_exit': failed to find kernel BTF type ID of 'tcp_gone': -3",
  "prog 'on_exit': failed to prepare load attributes: -3",
  "prog 'on_exit': failed to load: -3",
  "failed to load object 'tcp.bpf.o'",
]
const NO_MAP = [
  'Error in bpf_create_map_xattr(conns):Invalid argument(-22). Retrying without BTF.',
  "map 'conns': failed to create: Invalid argument(-22)",
  "failed to load object 'tcp.bpf.o'",
]
const TWO_PROGRAMS = ["prog 'early': bad CO-RE relocation ignored", ...VERIFIER]

type Case = [name: string, messages: string[], program: string, reason: string, lines: number]
const cases: Case[] = [
  ['the verifier refuses a program', VERIFIER, 'on_write', 'R0 !read_ok', 5],
  [
    'the kernel has no such function',
    NO_TARGET,
    'on_exit',
    "failed to find kernel BTF type ID of 'tcp_gone': -3",
    0,
  ],
  ['a map cannot be made', NO_MAP, '', NO_MAP[0] ?? '', 0],
  ['another program was warned of before', TWO_PROGRAMS, 'on_write', 'R0 !read_ok', 5],
  [
    'the middle of a long log was cut out',
    [
      "prog 'p': -- BEGIN PROG LOAD LOG --\n0: x\n...\n9: y\nR1 min value is negative\n-- END PROG LOAD LOG --",
    ],
    'p',
    'R1 min value is negative',
    4,
  ],
  ['libbpf said nothing', [], '', '', 0],
]

describe('parseLoadMessages', () => {
  for (const [name, messages, program, reason, lines] of cases) {
    test(name, () => {
      const failure = parseLoadMessages(messages)
      assert.deepEqual({ ...failure, log: failure.log.length }, { program, reason, log: lines })
    })
  }
})

describe('loadError', () => {
  const cause = Object.assign(new Error('load: Permission denied'), { code: 'EACCES', errno: -13 })

  test('names program, errno and the telling line, and keeps the cause', () => {
    const error = loadError('tcp.bpf.o', cause, parseLoadMessages(VERIFIER))
    assert.equal(error.message, 'load BPF program on_write: EACCES: R0 !read_ok (5 log lines)')
    assert.equal(error.code, 'BPF_LOAD_FAILED')
    assert.equal(error.cause, cause)
    assert.match(error.hint ?? '', /verifier/)
  })

  test('names the object when no program is at fault', () => {
    const error = loadError('tcp.bpf.o', cause, parseLoadMessages([]))
    assert.equal(error.message, 'load BPF object tcp.bpf.o: EACCES: load: Permission denied')
  })
})

describe('memlockHint', () => {
  const rows: [name: string, errno: string, kernel: string, limit: number, hinted: boolean][] = [
    ['old kernel, limit reached', 'EPERM', '5.10.0-34-amd64', 65536, true],
    ['old kernel, no limit', 'EPERM', '5.10.0', Number.POSITIVE_INFINITY, false],
    ['the limit means nothing since 5.11', 'EPERM', '5.11.0', 65536, false],
    ['nor on 6.1', 'EPERM', '6.1.0-28-amd64', 65536, false],
    ['another error', 'EACCES', '5.10.0', 65536, false],
  ]
  for (const [name, errno, kernel, limit, hinted] of rows) {
    test(name, () => assert.equal(memlockHint(errno, kernel, limit) !== undefined, hinted))
  }
})
