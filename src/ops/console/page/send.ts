import type { ServerResponse } from 'node:http'
import { commonHeaders, sendProblem } from '../answer.ts'
import type { ConsoleAsset } from './assets.ts'
import { consolePage } from './html.ts'

/** CSP Level 3: our own files and our own answers, nothing inline, and no text that becomes markup (Trusted Types). */
export const consoleCsp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** The page itself, which says nothing of the gateway: it is open, because one signs in there. */
export function sendPage(response: ServerResponse): void {
  response.writeHead(200, {
    ...commonHeaders,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': consoleCsp,
    'cross-origin-opener-policy': 'same-origin',
  })
  response.end(consolePage)
}

/** A file of the page. Problem: `not_found`. */
export function sendAsset(response: ServerResponse, asset: ConsoleAsset | undefined): void {
  if (asset === undefined) {
    sendProblem(response, 'not_found')
    return
  }
  response.writeHead(200, {
    ...commonHeaders,
    'content-type': asset.type,
    'content-security-policy': "default-src 'none'",
  })
  response.end(asset.body)
}
