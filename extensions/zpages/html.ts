const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? '')

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1c2733 }
  nav a { margin-right: 1rem }
  a { color: #0b5cad }
  h1 { font-size: 1.4rem }
  h2 { font-size: 1.1rem }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
  th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #dde3ea; vertical-align: top }
  th { background: #f3f6f9; font-weight: 600 }
  code { font-family: ui-monospace, monospace; font-size: .92em }
  .bad { color: #b3261e } .good { color: #1b7f3b }
  @media (prefers-color-scheme: dark) {
    body { background: #14181d; color: #dfe6ee } a { color: #7db7f0 }
    th { background: #1f262e } th, td { border-color: #333d48 } .bad { color: #f2867d } .good { color: #6fcf8d }
  }`

export const PAGES = ['servicez', 'pipelinez', 'extensionz', 'featurez', 'tracez'] as const

/** A whole page. `body` is HTML. */
export function page(title: string, body: string): string {
  const links = PAGES.map((name) => `<a href="/debug/${name}">${name}</a>`).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} - weir</title><style>${STYLE}</style></head>
<body><nav>${links}</nav><h1>${escaped(title)}</h1>
${body}</body></html>
`
}

/** A table; a cell that begins with `!` is bad news, one with `+` good. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None.</p>\n'
  const cell = (text: string) => {
    const kind = text.startsWith('!') ? 'bad' : text.startsWith('+') ? 'good' : ''
    const shown = escaped(kind === '' ? text : text.slice(1))
    return `<td${kind === '' ? '' : ` class="${kind}"`}>${shown}</td>`
  }
  const lines = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>\n`)
  const heads = head.map((text) => `<th>${escaped(text)}</th>`).join('')
  return `<table><tr>${heads}</tr>\n${lines.join('')}</table>\n`
}

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>\n`

export const heading = (text: string): string => `<h2>${escaped(text)}</h2>\n`
