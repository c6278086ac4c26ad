/** Characters that are decoded together, with their padding. */
const QUANTUM = 4
/** A row of them, of which only the last is padded. */
const ROWS = /[^=]+={0,2}/g

/** Decodes base64 that comes in pieces, each of which a server may have padded. */
export class Base64 {
  /** Of a quantum that is not whole. */
  #rest = ''

  decode(bytes: Buffer): Buffer {
    const text = this.#rest + bytes.toString('latin1')
    const whole = text.length - (text.length % QUANTUM)
    this.#rest = text.slice(whole)
    const rows = text.slice(0, whole).match(ROWS) ?? []
    return Buffer.concat(rows.map((row) => Buffer.from(row, 'base64')))
  }
}
