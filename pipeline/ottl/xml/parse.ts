import { NodeType, XmlNode } from './node.ts'

const MAX_DEPTH = 256
const NAME = String.raw`[\p{L}_:][\p{L}\p{N}_:.\u00b7-]*`
const OPEN = new RegExp(`<(${NAME})`, 'uy')
const CLOSE = new RegExp(String.raw`</(${NAME})\s*>`, 'uy')
const ATTRIBUTE = new RegExp(String.raw`\s+(${NAME})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy')
const END_OF_TAG = /\s*(\/?)>/y
const INSTRUCTION = new RegExp(String.raw`(${NAME})\s*(.*)$`, 'us')
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));|&/g
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** Between marks that are looked for as they are. */
const ENCLOSED = [
  { open: '<!--', close: '-->', type: NodeType.comment },
  { open: '<![CDATA[', close: ']]>', type: NodeType.cdata },
  { open: '<?', close: '?>', type: NodeType.instruction },
] as const

/**
 * Reads XML, or several elements that stand side by side. Knows the five entities of XML alone, and leaves a DOCTYPE out. Throws what is
 * wrong with the text. Source: https://www.w3.org/TR/xml/
 */
export function parseXml(text: string): XmlNode {
  return new XmlReader(text).read()
}

class XmlReader {
  readonly #text: string
  readonly #document = new XmlNode(NodeType.document, '#document')
  readonly #open: XmlNode[] = [this.#document]
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): XmlNode {
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] !== '<') this.#readText()
      else if (!this.#readEnclosed() && !this.#readDoctype() && !this.#readClose()) this.#readOpen()
    }
    const left = this.#open.at(-1)
    if (this.#open.length > 1) this.#fail(`<${left?.nodeName}> is not closed`)
    return this.#document
  }

  #fail(what: string): never {
    throw new Error(`XML at ${this.#at}: ${what}`)
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at = pattern.lastIndex
    return found
  }

  #append(node: XmlNode): void {
    this.#open.at(-1)?.append(node)
  }

  /** Up to a mark that must come. */
  #until(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at)
    if (end < 0) this.#fail(`"${mark}" is missing`)
    const found = this.#text.slice(this.#at, end)
    this.#at = end + mark.length
    return found
  }

  #readText(): void {
    const end = this.#text.indexOf('<', this.#at)
    const found = this.#text.slice(this.#at, end < 0 ? undefined : end)
    this.#append(new XmlNode(NodeType.text, '#text', this.#decoded(found)))
    this.#at += found.length
  }

  #readEnclosed(): boolean {
    const kind = ENCLOSED.find(({ open }) => this.#text.startsWith(open, this.#at))
    if (kind === undefined) return false
    this.#at += kind.open.length
    const found = this.#until(kind.close)
    const isInstruction = kind.type === NodeType.instruction
    const [, name = '', value = ''] = (isInstruction && INSTRUCTION.exec(found)) || []
    this.#append(
      isInstruction
        ? new XmlNode(kind.type, name, value)
        : new XmlNode(kind.type, kind.type === NodeType.comment ? '#comment' : '#text', found),
    )
    return true
  }

  #readDoctype(): boolean {
    if (!this.#text.startsWith('<!DOCTYPE', this.#at)) return false
    const subset = this.#text.indexOf('[', this.#at)
    const end = this.#text.indexOf('>', this.#at)
    if (subset >= 0 && subset < end) this.#until(']')
    this.#until('>')
    return true
  }

  #readClose(): boolean {
    const found = this.#match(CLOSE)
    if (found === null) return false
    const open = this.#open.at(-1)
    if (this.#open.length === 1 || open?.nodeName !== found[1]) {
      this.#fail(`</${found[1]}> closes <${open?.nodeName}>`)
    }
    this.#open.pop()
    return true
  }

  #readOpen(): void {
    const [, name] = this.#match(OPEN) ?? this.#fail('"<" begins no element')
    const element = new XmlNode(NodeType.element, name)
    this.#append(element)
    for (let found = this.#match(ATTRIBUTE); found !== null; found = this.#match(ATTRIBUTE)) {
      const [, key = '', inDouble, inSingle = ''] = found
      element.setAttribute(key, this.#decoded(inDouble ?? inSingle))
    }
    const [, isEmpty] = this.#match(END_OF_TAG) ?? this.#fail(`<${name}> is not well formed`)
    if (isEmpty !== '') return
    this.#open.push(element)
    if (this.#open.length > MAX_DEPTH)
      this.#fail(`more than ${MAX_DEPTH} elements within each other`)
  }

  #decoded(text: string): string {
    return text.replace(ENTITY, (all, decimal?: string, hex?: string, name = '') => {
      const code = decimal !== undefined ? Number(decimal) : hex ? Number.parseInt(hex, 16) : -1
      if (code >= 0 && code <= 0x10ffff) return String.fromCodePoint(code)
      return ENTITIES[name] ?? this.#fail(`"${all}" is no entity`)
    })
  }
}
