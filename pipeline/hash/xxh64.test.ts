import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { xxh64 } from './xxh64.ts'

/** By github.com/cespare/xxhash v2.3.0, of as many bytes as there are, 0, 1, 2 ... */
const SUMS: [bytes: number, sum: bigint][] = [
  [0, 0xef46db3751d8e999n],
  [1, 0xe934a84adb052768n],
  [3, 0xe5c7bb4533bc65ddn],
  [4, 0xffced8604453cc1en],
  [7, 0x14cc643f630c72d2n],
  [8, 0x884a173614b81b8dn],
  [12, 0x424af23f1f08dca5n],
  [15, 0xa948f5f0f6abac2dn],
  [16, 0x44b6ef2fb84169f7n],
  [31, 0xc346d2b59b4d8ee1n],
  [32, 0xcbf59c5116ff32b4n],
  [33, 0x0c535d1acafb8eadn],
  [63, 0xe26aa9e2a95f8e4fn],
  [64, 0xf7c67301db6713f0n],
  [100, 0x6ac1e58032166597n],
  [255, 0x0f7d97507caad693n],
]

describe('xxh64', () => {
  for (const [bytes, sum] of SUMS) {
    test(`of ${bytes} bytes`, () =>
      assert.equal(xxh64(Buffer.from(Array.from({ length: bytes }, (_, i) => i))), sum))
  }
})
