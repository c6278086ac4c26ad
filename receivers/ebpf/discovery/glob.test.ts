import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileGlob } from './glob.ts'

describe('compileGlob', () => {
  type Case = [name: string, glob: string, text: string, want: boolean]
  const cases: Case[] = [
    ['plain text matches itself only', '/usr/bin/nginx', '/usr/bin/nginx', true],
    ['no substring', 'nginx', '/usr/bin/nginx', false],
    ['star crosses slashes', '*nginx', '/usr/sbin/nginx', true],
    ['star matches nothing at all', 'nginx*', 'nginx', true],
    ['two stars are one', '/usr/**/nginx', '/usr/local/sbin/nginx', true],
    ['question mark is one character', 'ngin?', 'nginx', true],
    ['question mark is not none', 'nginx?', 'nginx', false],
    ['class', 'python[23]', 'python3', true],
    ['range', 'python3.[0-9]', 'python3.9', true],
    ['negated class', 'otelcol[!/]', 'otelcol/', false],
    ['negated class lets others by', 'otelcol[!/]', 'otelcol2', true],
    ['alternatives', '{*nginx,*apache2}', '/usr/sbin/apache2', true],
    ['alternatives with stars and a tail', '*/{obi,beyla}*', '/opt/beyla-2', true],
    ['an empty alternative', 'otelcol{,-contrib}', 'otelcol', true],
    ['comma outside braces is a comma', 'a,b', 'a,b', true],
    ['dot is a dot', 'app.py', 'appxpy', false],
    ['escaped star', 'a\\*', 'a*', true],
    ['escaped star is no star', 'a\\*', 'ab', false],
    ['regex characters mean nothing', '(a|b)+$', '(a|b)+$', true],
    ['a newline in an argument', '*serve*', 'x\nserve\ny', true],
  ]
  for (const [name, glob, text, want] of cases) {
    test(name, () => {
      const compiled = compileGlob(glob)
      assert.ok(compiled instanceof RegExp)
      assert.equal(compiled.test(text), want)
    })
  }

  type BadCase = [name: string, glob: string, at: number]
  const bad: BadCase[] = [
    ['brace left open', 'a{b,c', 1],
    ['brace never opened', 'a}b', 1],
    ['class left open', 'ab[cd', 2],
    ['nothing to escape', 'ab\\', 2],
    ['range backwards', '[z-a]', 0],
  ]
  for (const [name, glob, at] of bad) {
    test(name, () => {
      const compiled = compileGlob(glob)
      assert.ok(!(compiled instanceof RegExp))
      assert.equal(compiled.at, at)
    })
  }
})
