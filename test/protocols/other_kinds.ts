import { createCipheriv } from 'node:crypto'
import { type Random, random } from '../fuzz/random.ts'

/** What one side says, and what the other one answers. */
export interface Turn {
  readonly asks: Buffer
  readonly answers: Buffer
}

/** The `turn`th of a connection, from 0 on. */
export type Kind = (from: Source, turn: number) => Turn

/** Bytes that a seed repeats, fast. */
export interface Source extends Random {
  noise(length: number): Buffer
}

export function sourceOf(seed: number): Source {
  const key = Buffer.alloc(16, seed)
  const cipher = createCipheriv('aes-128-ctr', key, key)
  return { ...random(seed), noise: (length) => cipher.update(Buffer.alloc(length)) }
}

const both = (one: () => Buffer): Turn => ({ asks: one(), answers: one() })
const text = (words: string) => Buffer.from(words, 'latin1')
const size = (from: Source) => 16 + from.below(from.chance(4) ? 30_000 : 400)

function behindLength(bytes: Buffer, bigEndian: boolean): Buffer {
  const head = Buffer.alloc(4)
  if (bigEndian) head.writeUInt32BE(bytes.length)
  else head.writeUInt32LE(bytes.length)
  return Buffer.concat([head, bytes])
}

/** TLS 1.2 with a session that goes on: hellos, then records of application data. */
function tls(from: Source, turn: number): Turn {
  return both(() => {
    const body = from.noise(turn === 0 ? 200 : size(from))
    const type = turn === 0 ? 0x16 : 0x17
    return Buffer.concat([Buffer.of(type, 3, 3, body.length >> 8, body.length & 0xff), body])
  })
}

/** Names, the algorithms on offer, then packets that are encrypted whole. */
function ssh(from: Source, turn: number): Turn {
  if (turn === 0) return both(() => text('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'))
  if (turn > 1) return both(() => from.noise(size(from) & ~15))
  const names = 'curve25519-sha256,ecdh-sha2-nistp256 ssh-ed25519 aes128-ctr hmac-sha2-256 none'
  const lists = names.split(' ').map((list) => behindLength(text(list), true))
  return both(() =>
    behindLength(
      Buffer.concat([Buffer.of(4, 20), from.noise(16), ...lists, Buffer.alloc(9)]),
      true,
    ),
  )
}

const SMTP_TURNS = [
  ['EHLO mail.example.org\r\n', '250-mail\r\n250-PIPELINING\r\n250 SIZE 10240000\r\n'],
  ['MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n', '250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n'],
  ['DATA\r\n', '354 End data with <CR><LF>.<CR><LF>\r\n'],
] as const

/** A session that sends one mail after another. */
function smtp(from: Source, turn: number): Turn {
  const said = SMTP_TURNS[turn % 4]
  if (said !== undefined) return { asks: text(said[0]), answers: text(said[1]) }
  const lines = from.noise(size(from)).toString('base64').replace(/.{76}/g, '$&\r\n')
  return {
    asks: text(`Subject: SELECT\r\n\r\n${lines}\r\n.\r\n`),
    answers: text('250 2.0.0 Ok\r\n'),
  }
}

/** A player that asks for pieces; MPEG-TS packets, or boxes of MP4 behind their lengths. */
function video(from: Source, turn: number): Turn {
  const asks = behindLength(from.noise(12), turn % 2 === 0)
  if (turn % 2 === 0) {
    const packets = Array.from({ length: 1 + from.below(80) }, (_, i) =>
      Buffer.concat([Buffer.of(0x47, 1, 0, 0x10 | (i & 15)), from.noise(184)]),
    )
    return { asks, answers: Buffer.concat(packets) }
  }
  const boxes = ['moof', 'mfhd', 'traf', 'mdat'].map((type) => {
    const body = Buffer.concat([text(type), from.noise(size(from))])
    return behindLength(body, true)
  })
  return { asks, answers: Buffer.concat(boxes) }
}

/** Fields of a message: numbers, texts, and messages within. */
function fields(from: Source, depth: number): Buffer {
  const parts = Array.from({ length: 1 + from.below(8) }, () => {
    const field = 1 + from.below(15)
    if (from.chance(2)) return Buffer.of(field << 3, from.below(128))
    const inner = depth > 0 ? fields(from, depth - 1) : from.noise(from.below(60))
    const bytes = inner.subarray(0, 127)
    return Buffer.concat([Buffer.of((field << 3) | 2, bytes.length), bytes])
  })
  return Buffer.concat(parts)
}

/** Messages as programs frame them for themselves: behind a length of 4 bytes, either way round, or of one. */
function protobuf(from: Source, turn: number): Turn {
  return both(() => {
    const message = Buffer.concat(Array.from({ length: 1 + from.below(20) }, () => fields(from, 2)))
    if (turn % 3 === 2) return Buffer.concat([Buffer.of(message.length & 0x7f), message])
    return behindLength(message, turn % 3 === 0)
  })
}

/** JSON in lines, as log shippers send it, and as others ask for work. */
function lines(from: Source, turn: number): Turn {
  const id = from.below(1000)
  const event = {
    id,
    level: 'info',
    select: 'SELECT',
    text: from.noise(size(from)).toString('hex'),
  }
  return {
    asks: text(turn % 2 === 0 ? `${JSON.stringify(event)}\n` : `GETJOB ${id}\r\n`),
    answers: text(turn % 2 === 0 ? '{"ok":true}\n' : `JOB ${id} ${from.below(9)}\r\n`),
  }
}

/** Traffic that is none of what weir reads. */
export const OTHER_KINDS: Readonly<Record<string, Kind>> = {
  random: (from) => both(() => from.noise(size(from))),
  tls,
  ssh,
  smtp,
  video,
  protobuf,
  lines,
}
