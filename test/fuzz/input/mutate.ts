import type { Random } from './random.ts'

/** Pieces that parsers of HTTP have stumbled over, as bytes. */
const dictionary = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    '\n\n',
    '\0',
    ' ',
    '\t',
    '\u000b',
    '\u000c',
    ':',
    ';',
    ',',
    '"',
  ],
  ...[
    ' HTTP/1.1\r\n',
    ' HTTP/1.0\r\n',
    ' HTTP/0.9\r\n',
    ' HTTP/2.0\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ],
  ...[
    'Content-Length: 0\r\n',
    'Content-Length: 5\r\n',
    'content-length:\t5\r\n',
    'Content-Length: -1\r\n',
  ],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding:\r\n chunked\r\n', 'TE: trailers\r\n'],
  ...[
    'Transfer-Encoding: identity\r\n',
    'Connection: close\r\n',
    'Connection: keep-alive, x-user-id\r\n',
  ],
  ...[
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    'ffffffff\r\n',
    '1;x=y\r\na\r\n',
    '0\r\nX-User-Id: mallory\r\n\r\n',
  ],
  ...[
    'X-User-Id: mallory\r\n',
    'X_User_Id: mallory\r\n',
    'x.user.id: mallory\r\n',
    '\r\nX-User-Id: mallory',
  ],
  ...[
    'Host: evil.test\r\n',
    'Host: app.test\r\n',
    'Expect: 100-continue\r\n',
    'Upgrade: websocket\r\n',
  ],
  ...[
    'GET /api/secret HTTP/1.1\r\nHost: app.test\r\n\r\n',
    'Authorization: Bearer x\r\n',
    'Cookie: a=b\r\n',
  ],
  ...[
    '/../',
    '//',
    '%2f',
    '%2e%2e',
    '%00',
    '\\',
    '#',
    '?',
    ';',
    '%',
    'http://evil.test/',
    '\xff',
    '\xc3\xa9',
  ],
]

/** Changes some bytes. `others` are what pieces are spliced in from. Text stands for bytes, one character each. */
export function mutate(random: Random, text: string, others: readonly string[]): string {
  let changed = text
  const times = 1 + random.below(random.chance(0.2) ? 12 : 3)
  for (let time = 0; time < times; time += 1) changed = change(random, changed, others)
  return changed.slice(0, 100_000)
}

function change(random: Random, text: string, others: readonly string[]): string {
  const at = random.below(text.length + 1)
  const length = 1 + random.below(random.chance(0.1) ? 400 : 8)
  const before = text.slice(0, at)
  const after = text.slice(at)
  switch (random.below(9)) {
    case 0:
      return before + flip(random, after) + after.slice(1)
    case 1:
      return before + String.fromCharCode(random.below(256)) + after.slice(1)
    case 2:
      return before + after.slice(length)
    case 3:
      return before + after.slice(0, length) + after
    case 4:
      return before + splice(random, random.pick(others)) + after
    case 5:
      return before + splice(random, random.pick(others))
    case 6:
      return before + after.slice(0, 1).repeat(length) + after
    case 7:
      return swapLines(random, text)
    default:
      return before + random.pick(dictionary) + after
  }
}

function flip(random: Random, text: string): string {
  return text === '' ? '' : String.fromCharCode(text.charCodeAt(0) ^ (1 << random.below(8)))
}

function splice(random: Random, other: string): string {
  const from = random.below(other.length)
  return other.slice(from, from + 1 + random.below(200))
}

function swapLines(random: Random, text: string): string {
  const lines = text.split('\r\n')
  const [one, other] = [random.below(lines.length), random.below(lines.length)]
  const kept = lines[one] ?? ''
  lines[one] = lines[other] ?? ''
  lines[other] = kept
  return lines.join('\r\n')
}
