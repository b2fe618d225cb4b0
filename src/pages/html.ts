import { iconOf, type Brand } from './brand.ts'
import { escapeHtml } from './escape.ts'

export interface HtmlDocument {
  /** Plain text. */
  readonly title: string
  readonly brand: Brand
  /** Complete `style` contents, one element each so that each has its own hash. */
  readonly styles: readonly string[]
  /** HTML that is already safe. */
  readonly body: string
}

/** A whole page in English, never indexed, whose URL (it may say where a person was going) stays on this site. */
export function renderDocument({ title, brand, styles, body }: HtmlDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${escapeHtml(iconOf(brand))}">
${styles.map((style) => `<style>${style}</style>`).join('\n')}
</head>
<body>
${body}
</body>
</html>
`
}
