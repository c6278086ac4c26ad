/** As the DOM numbers them, of which XPath's evaluator knows them. Source: https://dom.spec.whatwg.org/#interface-node */
export const NodeType = {
  element: 1,
  attribute: 2,
  text: 3,
  cdata: 4,
  instruction: 7,
  comment: 8,
  document: 9,
} as const

export type Kind = (typeof NodeType)[keyof typeof NodeType]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)

/** A list as XPath's evaluator asks for attributes. */
class NodeList extends Array<XmlNode> {
  item(index: number): XmlNode | undefined {
    return this[index]
  }
}

const PRECEDING = 2
const FOLLOWING = 4
let made = 0

/** A part of an XML document, with as much of the DOM's interface as XPath needs. */
export class XmlNode {
  readonly nodeType: Kind
  readonly nodeName: string
  readonly localName: string
  readonly namespaceURI = ''
  /** Of texts, comments, instructions and attributes. */
  readonly nodeValue: string
  readonly childNodes: XmlNode[] = []
  readonly attributes = new NodeList()
  parentNode: XmlNode | undefined
  /** Of an attribute. */
  ownerElement: XmlNode | undefined
  ownerDocument: XmlNode | undefined
  /** Among its siblings, when it was added or last looked for. */
  #index = -1
  /** Nodes are made in the order of the document. */
  readonly #order = made++

  constructor(nodeType: Kind, nodeName = '', nodeValue = '') {
    this.nodeType = nodeType
    this.nodeName = nodeName
    this.localName = nodeName.slice(nodeName.indexOf(':') + 1)
    this.nodeValue = nodeValue
  }

  get data(): string {
    return this.nodeValue
  }

  get value(): string {
    return this.nodeValue
  }

  get firstChild(): XmlNode | undefined {
    return this.childNodes[0]
  }

  get lastChild(): XmlNode | undefined {
    return this.childNodes.at(-1)
  }

  get nextSibling(): XmlNode | undefined {
    return this.#sibling(1)
  }

  get previousSibling(): XmlNode | undefined {
    return this.#sibling(-1)
  }

  compareDocumentPosition(other: XmlNode): number {
    return this.#order < other.#order ? FOLLOWING : PRECEDING
  }

  #sibling(step: 1 | -1): XmlNode | undefined {
    const siblings = this.parentNode?.childNodes ?? []
    if (siblings[this.#index] !== this) this.#index = siblings.indexOf(this)
    return siblings[this.#index + step]
  }

  append(child: XmlNode): void {
    child.parentNode = this
    child.ownerDocument = this.nodeType === NodeType.document ? this : this.ownerDocument
    child.#index = this.childNodes.push(child) - 1
  }

  setAttribute(name: string, value: string): void {
    const attribute = new XmlNode(NodeType.attribute, name, value)
    attribute.ownerElement = this
    attribute.ownerDocument = this.ownerDocument
    this.attributes.push(attribute)
  }

  /** Takes it out of where it is. */
  remove(): void {
    const { parentNode, ownerElement } = this
    const siblings = ownerElement?.attributes ?? parentNode?.childNodes
    const at = siblings?.indexOf(this) ?? -1
    if (at >= 0) siblings?.splice(at, 1)
  }

  /** As XML. Elements always have an end of their own. */
  toString(): string {
    switch (this.nodeType) {
      case NodeType.document:
        return this.childNodes.join('')
      case NodeType.element: {
        const attributes = Array.from(this.attributes, attributeText)
        return `<${this.nodeName}${attributes.join('')}>${this.childNodes.join('')}</${this.nodeName}>`
      }
      case NodeType.cdata:
        return `<![CDATA[${this.nodeValue}]]>`
      case NodeType.comment:
        return `<!--${this.nodeValue}-->`
      case NodeType.instruction:
        return `<?${this.nodeName}${this.nodeValue && ` ${this.nodeValue}`}?>`
      default:
        return escaped(this.nodeValue)
    }
  }
}

const attributeText = ({ nodeName, nodeValue }: XmlNode): string =>
  ` ${nodeName}="${escaped(nodeValue)}"`

export const isText = ({ nodeType }: XmlNode): boolean =>
  nodeType === NodeType.text || nodeType === NodeType.cdata

export const isElement = ({ nodeType }: XmlNode): boolean => nodeType === NodeType.element
