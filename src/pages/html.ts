const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Makes text safe as HTML character data and inside a quoted attribute value. Not for the contents of `script` or
 * `style`, for unquoted attributes, or for URLs whose scheme is not known.
 */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}

const icon =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%230f6b63%22 ' +
  'd=%22M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z%22/%3E%3Cpath fill=%22%2338a796%22 d=%22M12 30V15a4 4 0 0 1 8 0v15z%22/%3E%3C/svg%3E'

/** The gate of the icon, to head a card; hidden from assistive technology because the heading says it in words. */
export const emblem = `<svg class="emblem" viewBox="4 2 24 28" width="36" height="42" aria-hidden="true" focusable="false">
<path class="outer" d="M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z"/>
<path class="inner" d="M12 30V15a4 4 0 0 1 8 0v15z"/>
</svg>`

export interface HtmlDocument {
  /** Plain text. */
  readonly title: string
  /** Complete `style` contents, one element each so that each has its own hash. */
  readonly styles: readonly string[]
  /** HTML that is already safe. */
  readonly body: string
}

/** A whole page in English, never indexed, whose URL (it may say where a person was going) stays on this site. */
export function renderDocument(document: HtmlDocument): string {
  const styles = document.styles.map((style) => `<style>${style}</style>`).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(document.title)}</title>
<link rel="icon" href="${icon}">
${styles}
</head>
<body>
${document.body}
</body>
</html>
`
}
