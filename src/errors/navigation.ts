import type { RequestHead } from '../head.ts'

/**
 * Whether a person is looking at the answer: `Sec-Fetch-Mode: navigate`, or a GET that prefers HTML where the browser is
 * too old to say. fetch, XHR, EventSource, WebSocket and HEAD are never navigations.
 */
export function isNavigation(head: RequestHead): boolean {
  if (head.method === 'HEAD' || head.upgrade !== null) return false
  if (head.secFetchMode !== null) return head.secFetchMode === 'navigate'
  return head.method === 'GET' && prefersHtml(head.accept)
}

/** RFC 9110 §12.5.1, as far as it is needed: `text/html` is listed, and no JSON type is wanted more. */
function prefersHtml(accept: string | null): boolean {
  if (accept === null) return false
  const html = weightOf(accept, /^text\/html$/i)
  return html > 0 && html > weightOf(accept, /^application\/(?:[a-z.-]+\+)?json$/i)
}

function weightOf(accept: string, type: RegExp): number {
  let best = 0
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (!type.test(name)) continue
    const q = parameters.find((parameter) => parameter.toLowerCase().startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    best = Math.max(best, Number.isFinite(weight) ? weight : 0)
  }
  return best
}
