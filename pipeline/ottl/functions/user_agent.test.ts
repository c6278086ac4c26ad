import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from './testing.ts'

describe('UserAgent', () => {
  const cases: [text: string, name: string, version: string, os: string, osVersion?: string][] = [
    ['curl/7.81.0', 'curl', '7.81.0', 'Other'],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0',
      'Firefox',
      '126.0',
      'Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 Edg/125.0.2535.51',
      'Edge',
      '125.0.2535',
      'Windows',
      '10',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
      'Mobile Safari',
      '17.4',
      'iOS',
      '17.4',
    ],
    ['Go-http-client/1.1', 'Go-http-client', '1.1', 'Other'],
    ['python-requests/2.31.0', 'Python Requests', '2.31', 'Other'],
    ['no program of this world', 'Other', '', 'Other'],
    ['', 'Other', '', 'Other'],
  ]
  for (const [text, name, version, os, osVersion] of cases) {
    test(text, () => {
      const want = {
        'user_agent.name': name,
        'user_agent.version': version,
        'user_agent.original': text,
        'os.name': os,
        ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
      }
      assert.deepEqual(resultOf('UserAgent(attributes["text"])', { text }), want)
    })
  }
})
