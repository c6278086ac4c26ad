import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from './testing.ts'

/** A call on `x`, which is the document. */
const on = (x: string, name: string, ...more: readonly string[]) =>
  resultOf(`${name}(${['attributes["x"]', ...more].join(', ')})`, { x })
const quoted = (text: string) => JSON.stringify(text)
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

describe('GetXML', () => {
  const cases: [document: string, path: string, want: string][] = [
    ['<a><b/></a>', '/a/b', '<b></b>'],
    ['<a foo="bar"><b>hello</b></a>', '/a', '<a foo="bar"><b>hello</b></a>'],
    ['<a><b>1</b><b><c>2</c></b><d/></a>', '/a/*', '<b>1</b><b><c>2</c></b><d></d>'],
    ['<a><x>1</x><b><x>2</x></b></a>', '/a//x', '<x>1</x><x>2</x>'],
    ["<a><x e='p'>1</x><x>2</x></a>", "//x[@e='p']", '<x e="p">1</x>'],
    ['', '/', ''],
    [`${DECLARATION}<!-- c --><a></a>`, '/*', '<a></a>'],
    ['<a foo="b&amp;r"></a>', '/a/@foo', 'b&r'],
    ['<a>hello</a>', '/a/text()', 'hello'],
    ['<a><![CDATA[<hello>]]></a>', '/a/text()', '<hello>'],
    ['<a><b>1</b><b>2</b></a>', '/a/b[2]', '<b>2</b>'],
    ['<a>1</a>', 'count(/a)', ''],
    ['<n:a xmlns:n="u"><n:b>1</n:b></n:a>', "//*[local-name()='b']", '<n:b>1</n:b>'],
  ]
  for (const [document, path, want] of cases) {
    test(`${path} of ${document}`, () => assert.equal(on(document, 'GetXML', quoted(path)), want))
  }
})

describe('RemoveXML', () => {
  const cases: [document: string, path: string, want: string][] = [
    ['<a><b/><b><c/></b></a>', '/a/b', '<a></a>'],
    ['<a><b/><c><b><d/></b></c></a>', '/a//b', '<a><c></c></a>'],
    ['<a><b foo="bar"/><c foo="bar"/></a>', '//@foo', '<a><b></b><c></c></a>'],
    ['<a x="1" keep="2" y="3"/>', "//@*[local-name() != 'keep']", '<a keep="2"></a>'],
    ['<a><b><!-- one --></b><!-- two --></a>', '//comment()', '<a><b></b></a>'],
    [`${DECLARATION}<a>delete</a>`, '//text()', `${DECLARATION}<a></a>`],
    ['<a>&lt;1&gt; "2"</a>', '//b', '<a>&lt;1&gt; &quot;2&quot;</a>'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a/>', '//b', '<a></a>'],
    ['', '/', ''],
  ]
  for (const [document, path, want] of cases) {
    test(`${path} of ${document}`, () =>
      assert.equal(on(document, 'RemoveXML', quoted(path)), want))
  }
})

describe('InsertXML', () => {
  const cases: [document: string, path: string, part: string, want: string][] = [
    ['<a></a><a></a>', '/a', '<b/><c/>', '<a><b></b><c></c></a><a><b></b><c></c></a>'],
    ['<a></a>', '/', '<b/>', '<a></a><b></b>'],
    ['', '/', '<a/>', '<a></a>'],
    ['<a><b>1</b></a><a/>', '//a[not(b)]', '<b/>', '<a><b>1</b></a><a><b></b></a>'],
    ['<a/>', '/a', '<x><![CDATA[<]]></x>', '<a><x><![CDATA[<]]></x></a>'],
  ]
  for (const [document, path, part, want] of cases) {
    test(`${part} at ${path} of ${document}`, () =>
      assert.equal(on(document, 'InsertXML', quoted(path), quoted(part)), want))
  }
})

describe('texts and attributes become elements', () => {
  const cases: [document: string, call: readonly [name: string, ...string[]], want: string][] = [
    [
      '<a>foo<b/>bar</a>',
      ['ConvertTextToElementsXML'],
      '<a><value>foo</value><b></b><value>bar</value></a>',
    ],
    ['<a>hello</a>', ['ConvertTextToElementsXML'], '<a>hello</a>'],
    [
      '<a><b><c/>foo</b><d><c/>bar</d></a>',
      ['ConvertTextToElementsXML', '"/a/b"', '"V"'],
      '<a><b><c></c><V>foo</V></b><d><c></c>bar</d></a>',
    ],
    [
      '<a hello="world" foo="bar"><b href="h"></b></a>',
      ['ConvertAttributesToElementsXML'],
      '<a><b><href>h</href></b><hello>world</hello><foo>bar</foo></a>',
    ],
    [
      '<a hello="world"><b href="h"></b></a>',
      ['ConvertAttributesToElementsXML', '"/a/b/@*"'],
      '<a hello="world"><b><href>h</href></b></a>',
    ],
    ['<a x="1"><b/></a>', ['ConvertAttributesToElementsXML', '"/a/b"'], '<a x="1"><b></b></a>'],
  ]
  for (const [document, [name, ...more], want] of cases) {
    test(`${name}(${[document, ...more]})`, () => assert.equal(on(document, name, ...more), want))
  }
})

describe('ParseXML', () => {
  test('tags, attributes, content and children', () => {
    const document = `${DECLARATION}<Log>
      <User><ID>00001</ID><Name type="first">J&#111;e</Name></User> <!-- c -->
      <Text> User <b/>fired<![CDATA[ & forgot]]> </Text></Log>`
    assert.deepEqual(on(document, 'ParseXML'), {
      tag: 'Log',
      children: [
        {
          tag: 'User',
          children: [
            { tag: 'ID', content: '00001' },
            { tag: 'Name', content: 'Joe', attributes: { type: 'first' } },
          ],
        },
        { tag: 'Text', content: 'Userfired& forgot', children: [{ tag: 'b' }] },
      ],
    })
  })
})

describe('ParseSimplifiedXML', () => {
  const cases: [document: string, want: object][] = [
    ['<a>b</a>', { a: 'b' }],
    ['<a>b</a><a>c</a>', { a: ['b', 'c'] }],
    ['<a><b>1</b></a>', { a: { b: '1' } }],
    ['<a>1</a><a><![CDATA[2]]></a><a><b>3</b></a>', { a: ['1', '2', { b: '3' }] }],
    ['<a foo="bar"><b>c</b></a>', { a: { b: 'c' } }],
    ['<a>extra<b>3</b>extra</a>', { a: { b: '3' } }],
    ['<a><b><c/></b><d>2</d></a>', { a: { d: '2' } }],
    ['<a><b>3</b><b/></a>', { a: { b: ['3'] } }],
  ]
  for (const [document, want] of cases) {
    test(document, () => assert.deepEqual(on(document, 'ParseSimplifiedXML'), want))
  }
})

describe('XML that is none', () => {
  const cases: [document: string, says: RegExp][] = [
    ['<a>>>>', /<a> is not closed/],
    ['<a></b>', /<\/b> closes <a>/],
    ['</a>', /<\/a> closes <#document>/],
    ['<a b=1/>', /<a> is not well formed/],
    ['<1>', /"<" begins no element/],
    ['<a>&nbsp;</a>', /"&nbsp;" is no entity/],
    ['<a>a & b</a>', /"&" is no entity/],
    ['<!-- a', /"-->" is missing/],
    ['<a>'.repeat(300), /more than 256 elements within each other/],
  ]
  for (const [document, says] of cases) {
    test(document.slice(0, 20), () => assert.throws(() => on(document, 'ParseXML'), says))
  }

  test('a path that is none is an error at start', () => {
    assert.throws(() => resultOf('GetXML("<a/>", "!")'), /GetXML: x_path: "!" is no XPath/)
    assert.throws(() => on('<a>t</a>', 'InsertXML', '"/a/text()"', '"<b/>"'), /"t", which is no el/)
  })

  test('a long document takes time in proportion', () => {
    const document = `<a>${'<b c="1">2</b>'.repeat(20_000)}</a>`
    assert.equal(on(document, 'GetXML', '"/a/b[last()]/@c"'), '1')
    assert.equal(String(on(document, 'RemoveXML', '"//@c"')).length, 20_000 * 8 + 7)
  })
})
