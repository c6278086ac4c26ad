import { type AnyValue, type Attribute, string } from '../../data/attributes.ts'
import { messageOf } from '../../message_of.ts'
import type { Arguments, Read } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { array, kvlist, text } from '../value.ts'
import { isElement, isText, NodeType, XmlNode } from '../xml/node.ts'
import { parseXml } from '../xml/parse.ts'
import { compileXPath, type XPath } from '../xml/xpath.ts'

/** An argument that is XML; nothing at all is a document, too, where it is to be changed or searched. */
function xmlOf(args: Arguments, name: string, mayBeNothing = false): Read<XmlNode> {
  const read = args.text(name)
  return (frame) => {
    const value = read(frame)
    const document = parsed(value)
    const isNothing = mayBeNothing && value === ''
    if (isNothing || document.childNodes.some(isElement)) return document
    throw new EvaluationError(`${name}: there is no element`)
  }
}

function parsed(value: string): XmlNode {
  try {
    return parseXml(value)
  } catch (error) {
    throw new EvaluationError(messageOf(error))
  }
}

function xpathOf(args: Arguments, fallback: string): XPath {
  const source = args.has('x_path') ? args.literalText('x_path') : fallback
  try {
    return compileXPath(source)
  } catch (error) {
    const reason = messageOf(error)
    return args.fault('x_path', `"${source}" is no XPath: ${reason}`)
  }
}

/** Changes a document where an XPath leads, and gives it as text. */
const editing = (
  name: string,
  parameters: readonly string[],
  fallback: string,
  compile: (args: Arguments) => Read<(node: XmlNode) => void>,
): FunctionSpec =>
  converter(name, ['target', ...parameters], (args) => {
    const target = xmlOf(args, 'target', true)
    const select = xpathOf(args, fallback)
    const edit = compile(args)
    return (frame) => {
      const document = target(frame)
      const change = edit(frame)
      for (const node of select(document)) change(node)
      return text(String(document))
    }
  })

const getXml = converter('GetXML', ['target', 'x_path'], (args) => {
  const target = xmlOf(args, 'target', true)
  const select = xpathOf(args, '')
  return (frame) => {
    const shown = select(target(frame)).map((node) =>
      isText(node) || node.nodeType === NodeType.attribute ? node.nodeValue : String(node),
    )
    return text(shown.join(''))
  }
})

const removeXml = editing('RemoveXML', ['x_path'], '', () => () => (node) => node.remove())

const insertXml = editing('InsertXML', ['x_path', 'sub_document'], '', (args) => {
  const subDocument = xmlOf(args, 'sub_document')
  return (frame) => {
    const inserted = String(subDocument(frame))
    return (node) => {
      if (!isElement(node) && node.nodeType !== NodeType.document) {
        const found = node.nodeType === NodeType.attribute ? node.nodeName : node.nodeValue
        throw new EvaluationError(`InsertXML: the XPath leads to "${found}", which is no element`)
      }
      for (const child of parseXml(inserted).childNodes) node.append(child)
    }
  }
})

const convertAttributes = editing(
  'ConvertAttributesToElementsXML',
  ['x_path?'],
  '//@*',
  () => () => (node) => {
    if (node.nodeType !== NodeType.attribute) return
    node.remove()
    node.ownerElement?.append(elementWith(node.nodeName, node.nodeValue))
  },
)

function elementWith(name: string, value: string): XmlNode {
  const element = new XmlNode(NodeType.element, name)
  if (value !== '') element.append(new XmlNode(NodeType.text, '#text', value))
  return element
}

const convertText = editing(
  'ConvertTextToElementsXML',
  ['x_path?', 'element_name?'],
  '/',
  (args) => {
    const name = args.has('element_name') ? args.literalText('element_name') : 'value'
    return () => (node) => wrapTexts(node, name)
  },
)

/** Texts beside elements get an element of their own, at all levels. */
function wrapTexts(node: XmlNode, name: string): void {
  const { childNodes } = node
  const isMixed = isElement(node) && childNodes.some(isElement)
  for (const [i, child] of childNodes.entries()) {
    if (isElement(child)) wrapTexts(child, name)
    else if (isMixed && isText(child) && child.nodeValue.trim() !== '') {
      const wrapped = new XmlNode(NodeType.element, name)
      wrapped.append(child)
      wrapped.parentNode = node
      childNodes[i] = wrapped
    }
  }
}

const parse = converter('ParseXML', ['target'], (args) => {
  const target = xmlOf(args, 'target')
  return (frame) => {
    const root = target(frame).childNodes.find(isElement)
    return root && elementValue(root)
  }
})

function elementValue(element: XmlNode): AnyValue {
  const { nodeName, attributes, childNodes } = element
  const content = childNodes
    .filter(isText)
    .map(({ nodeValue }) => nodeValue.trim())
    .join('')
  const children = childNodes.filter(isElement).map(elementValue)
  const shown = Array.from(attributes, (one) => string(one.nodeName, one.nodeValue))
  return kvlist([
    string('tag', nodeName.slice(nodeName.indexOf(':') + 1)),
    ...(content === '' ? [] : [string('content', content)]),
    ...(shown.length === 0 ? [] : [{ key: 'attributes', value: kvlist(shown) }]),
    ...(children.length === 0 ? [] : [{ key: 'children', value: array(children) }]),
  ])
}

const parseSimplified = converter('ParseSimplifiedXML', ['target'], (args) => {
  const target = xmlOf(args, 'target')
  return (frame) => kvlist(simplified(target(frame)))
})

/** Elements by their names: a list where a name comes more than once, and nothing where one is empty. */
function simplified(parent: XmlNode): Attribute[] {
  const byName = new Map<string, (AnyValue | undefined)[]>()
  for (const child of parent.childNodes.filter(isElement)) {
    const { localName } = child
    const same = byName.get(localName)
    const value = simpleValue(child)
    if (same === undefined) byName.set(localName, [value])
    else same.push(value)
  }
  return [...byName].flatMap(([key, all]) => {
    const there = all.filter((one) => one !== undefined)
    const [first] = there
    if (first === undefined) return []
    return [{ key, value: all.length === 1 ? first : array(there) }]
  })
}

function simpleValue(element: XmlNode): AnyValue | undefined {
  const { childNodes } = element
  if (childNodes.some(isElement)) {
    const inner = simplified(element)
    return inner.length === 0 ? undefined : kvlist(inner)
  }
  const content = childNodes
    .filter(isText)
    .map(({ nodeValue }) => nodeValue)
    .join('')
  return content.trim() === '' ? undefined : text(content)
}

export const xml = [
  getXml,
  removeXml,
  insertXml,
  convertAttributes,
  convertText,
  parse,
  parseSimplified,
]
