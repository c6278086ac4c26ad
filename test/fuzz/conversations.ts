import type { Conversation } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'

/** What is right in each protocol that is read as chunks, by its folder: what the fuzzer starts from. */
export const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  redis: [
    ['request', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n'],
    ['response', '+OK\r\n'],
    ['request', '*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n'],
    ['response', '+OK\r\n|1\r\n+ttl\r\n:90\r\n$5\r\nhello\r\n'],
    ['request', 'PING\r\n'],
    ['response', '+PONG\r\n'],
    ['request', '*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n'],
    [
      'response',
      '>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n',
    ],
    ['request', '*1\r\n$5\r\nRESET\r\n'],
    ['response', '-ERR no\r\n%1\r\n+a\r\n*2\r\n_\r\n#t\r\n'],
  ],
}
