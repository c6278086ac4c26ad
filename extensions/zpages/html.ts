const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? '')

const STYLE = `
  :root { --ink: #1c2733; --paper: #fff; --pale: #f3f6f9; --line: #dde3ea; --link: #0b5cad; --bad: #b3261e; --good: #1b7f3b }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #dfe6ee; --paper: #14181d; --pale: #1f262e; --line: #333d48; --link: #7db7f0; --bad: #f2867d; --good: #6fcf8d }
  }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto 3rem; max-width: 64rem; padding: 0 1rem; color: var(--ink); background: var(--paper) }
  nav { display: flex; flex-wrap: wrap; gap: .25rem; align-items: baseline; border-bottom: 1px solid var(--line); padding: .75rem 0 0; margin-bottom: 1.5rem }
  nav b { margin-right: 1rem }
  nav a { padding: .4rem .7rem; color: var(--link); text-decoration: none; border-bottom: 3px solid transparent; margin-bottom: -1px }
  nav a:hover { background: var(--pale) }
  nav a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--link) }
  h1 { font-size: 1.4rem; margin: 0 }
  h2 { font-size: 1.1rem; margin-top: 2rem }
  .wide { overflow-x: auto; margin: 1rem 0 1.5rem }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
  th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word }
  th { background: var(--pale); font-weight: 600; white-space: nowrap }
  tr:hover td { background: var(--pale) }
  .bad { color: var(--bad) } .good { color: var(--good) }`

export const PAGES = ['servicez', 'pipelinez', 'extensionz', 'featurez', 'tracez'] as const

/** A whole page, one of `PAGES`. `body` is HTML. */
export function page(title: string, body: string, name = ''): string {
  const links = PAGES.map(
    (one) => `<a href="/debug/${one}"${one === name ? ' aria-current="page"' : ''}>${one}</a>`,
  ).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} - weir</title><style>${STYLE}</style></head>
<body><nav><b>weir</b>${links}</nav><h1>${escaped(title)}</h1>
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
  return `<div class="wide"><table><tr>${heads}</tr>\n${lines.join('')}</table></div>\n`
}

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>\n`

export const heading = (text: string): string => `<h2>${escaped(text)}</h2>\n`
