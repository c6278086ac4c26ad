import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isVariable } from './path_segment.ts'

const WORDS = [
  ...['users', 'Users', 'order-items', 'shopping_cart', 'getUserById', 'v1', 'v1beta2', 'v2.1'],
  ...['oauth2', 's3', 'k8s', 'i18n', 'robots.txt', 'index.html', 'healthz', 'readyz', 'XMLFeed'],
  ...['api', 'sql', 'https', 'Knightsbridge', 'favicon.ico', 'main.js', 'wp-admin', 'md5', 'rss'],
]

const VARIABLES = [
  ...['1', '-7', '20261121', 'order-20261', '9f86d081884c7d65', 'deadbeef1', 'a1b2c3', 'X9kf3'],
  ...['0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', '2026-11-21', '2026-11', '2026-11-21T10:00:00Z'],
  ...['ann@example.com', '@ann', 'with%20space', 'a=1;b=2', 'xkcdqwrtz', 'bcdfgh', 'xYzQwEr'],
  ...['app.3f2a1b9c.js', 'grüße', 'dGhpcyBpcyBhIHRva2VuIHRoYXQgaXMgbG9uZyBlbm91Z2g'],
]

describe('isVariable', () => {
  for (const word of WORDS) test(`${word} is a word`, () => assert.equal(isVariable(word), false))
  for (const one of VARIABLES) test(`${one} is none`, () => assert.equal(isVariable(one), true))
})
