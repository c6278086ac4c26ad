import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkBytes, checkFloats, checkInteger, checkText } from './check.ts'

const rows: [name: string, check: () => void, message: RegExp | undefined][] = [
  ['text', () => checkText('path', '/bin/sh'), undefined],
  [
    'empty text',
    () => checkText('path', ''),
    /^path: expected a non-empty string without NUL, got ""$/,
  ],
  ['text that C would cut', () => checkText('path', '/bin\0/sh'), /without NUL/],
  ['a number for text', () => checkText('path', 7 as unknown as string), /got 7 of type number$/],
  ['an integer', () => checkInteger('link', 7), undefined],
  [
    'a fraction',
    () => checkInteger('link', 7.5),
    /^link: expected an integer from 0 to 4294967295, got 7.5/,
  ],
  ['not a number', () => checkInteger('link', Number.NaN), /got NaN/],
  ['below', () => checkInteger('offset', -1), /got -1/],
  ['above', () => checkInteger('offset', 2 ** 32), /got 4294967296/],
  ['bytes', () => checkBytes('key', Buffer.alloc(4), 4), undefined],
  ['bytes of any length', () => checkBytes('into', new Uint8Array(9)), undefined],
  ['too few bytes', () => checkBytes('key', Buffer.alloc(3), 4), /^key: expected 4 bytes, got 3$/],
  [
    'text for bytes',
    () => checkBytes('key', 'abcd' as unknown as Buffer, 4),
    /expected a Uint8Array, got "abcd"/,
  ],
  ['floats', () => checkFloats('into', new Float64Array(8), 8), undefined],
  [
    'too few floats',
    () => checkFloats('into', new Float64Array(7), 8),
    /expected a Float64Array of 8, got 7/,
  ],
]

describe('argument checks', () => {
  for (const [name, check, message] of rows) {
    test(name, () => (message === undefined ? check() : assert.throws(check, { message })))
  }
})
