import { catalogue, entryOf, type Action, type Code } from '../src/errors/catalogue.ts'
import { notes } from './error-notes.ts'
import { generatedNote, table } from './markdown.ts'

const meanings: Readonly<Record<Action, string>> = {
  none: 'Nothing the client does helps. Show `detail`.',
  login: 'A person must sign in: go to `login`, which has the way back in `return_to`.',
  refresh:
    'POST to `refresh` with the session cookie, take `access_token`, repeat the request once.',
  retry: 'Wait, for `Retry-After` where it is there, and repeat the request.',
}

/** The text of docs/errors.md, from the catalogue of refusals and the notes on it. */
export function errorsPage(): string {
  const codes = Object.keys(catalogue) as Code[]
  return [
    '# Refusals',
    generatedNote('src/errors/catalogue.ts and docs/error-notes.ts'),
    introduction,
    '## Actions',
    table(['action', 'what a client does'], Object.entries(meanings)),
    '## Codes',
    table(
      ['status', 'code', 'action'],
      codes.map((code) => {
        const { status, action } = entryOf(code)
        return [String(status), `[${code}](#${code})`, action]
      }),
    ),
    ...codes.map(section),
  ].join('\n\n')
}

function section(code: Code): string {
  const { status, title, action, detail, challenge } = entryOf(code)
  const { when, remedy } = notes[code]
  const inChallenge =
    challenge === undefined ? '' : ` · \`error="${challenge}"\` where a token was presented`
  return [
    `### ${code}`,
    `**${status} ${title}** · action \`${action}\`${inChallenge}`,
    `> ${detail}`,
    when,
    `*What to do:* ${remedy}`,
  ].join('\n\n')
}

const introduction = `Whatever the gateway refuses, it answers with one body: \`application/problem+json\`
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). \`code\` is stable: codes are added, never renamed. \`detail\` is a sentence for a
person and may change. FastAPI's own answers are not refusals of the gateway and pass as they are, but for its
[401](#upstream_unauthorized).

| member | |
| --- | --- |
| \`type\` | \`https://sallyport.dev/problems/\` and the code |
| \`title\`, \`status\` | of the code |
| \`detail\` | one sentence, under the key that FastAPI's clients read already |
| \`code\`, \`action\` | what happened, and what the client can do about it |
| \`refresh\` | with action \`refresh\`: where a fresh token is to be had |
| \`login\` | with action \`login\` or \`refresh\`: where a person signs in |
| \`requestId\` | also in \`X-Request-Id\`, and in the log |

Headers: every refusal has \`Cache-Control: no-store\`, \`X-Request-Id\` and \`X-Sallyport-Code\`, by which a client tells it from an answer of
FastAPI. Every 401 has \`WWW-Authenticate: Bearer\`, with \`error\` only where a token was presented (RFC 6750 §3.1). Every 503 has
\`Retry-After\`. Every 405 of a route has \`Allow\`.

A *navigation* (a person looking: \`Sec-Fetch-Mode: navigate\`, or a GET that prefers \`text/html\` from a browser that does not say) gets a
302 to the login page instead of a 401 with an action, and every other refusal as a small page with the same code.`
