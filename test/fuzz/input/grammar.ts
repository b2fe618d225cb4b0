import { spoil, type Account } from './accounts.ts'
import type { Random } from './random.ts'

export interface Ground {
  /** Request lines without their version that are close to the routes. */
  readonly asks: readonly (readonly [method: string, target: string])[]
  readonly accounts: readonly Account[]
}

const versions = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  '',
]
const hosts = [
  ...['Host: app.test', 'Host: app.test', 'Host: app.test', 'host: APP.TEST', 'Host:app.test '],
  ...[
    'Host: evil.test',
    'Host: app.test:80',
    'Host: app.test, evil.test',
    'Host: ',
    'Host: app.test/',
    '',
  ],
]
const names = [
  ...['X-User-Id', 'x-user-id', 'X_User_Id', 'X.User.Id', 'X-User_Id', 'x-USER-id', 'X-User-Email'],
  ...['X-Impersonated-By', 'X.Impersonated.By', 'X-Impersonated_By'],
  ...['X-Forwarded-For', 'X-Forwarded-Host', 'X_Forwarded_For', 'Forwarded', 'X-Real-IP', 'Via'],
  ...[
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'Cookie2',
    'X-Api-Key',
    'X-Sallyport-Passive',
  ],
  ...[
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'X-Request-Id',
    'Range',
    'Accept',
  ],
  ...['Content-Type', 'Content-Encoding', 'Origin', 'Referer', 'Sec-Fetch-Site', 'Sec-Fetch-Mode'],
  ...[
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'Max-Forwards',
    'If-None-Match',
  ],
  ...[
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Protocol',
    'HTTP2-Settings',
    'X',
  ],
]
const values = [
  ...[
    'mallory',
    'mallory, eve',
    '',
    '1',
    'close',
    'keep-alive',
    'Upgrade',
    'x-user-id',
    'authorization, cookie',
  ],
  ...[
    'websocket',
    'h2c',
    '100-continue',
    'trailers',
    '13',
    'AAAAAAAAAAAAAAAAAAAAAA==',
    'text/html',
    '*/*',
  ],
  ...[
    'navigate',
    'cors',
    'same-origin',
    'cross-site',
    'http://app.test',
    'https://evil.test',
    'null',
  ],
  ...[
    'bytes=0-',
    '203.0.113.9',
    'for=203.0.113.9',
    'Bearer',
    'Bearer x',
    'Basic YTpi',
    'a=b; c=d',
    '\xe9',
    '\x80',
  ],
  ...[
    'better-auth.session_token=x',
    '__Host-better-auth.session_token=x',
    '"',
    '\\',
    '{',
    'x'.repeat(3000),
  ],
]

/**
 * One to four requests on one connection, mostly well-formed.
 * @param isAnonymous nobody on it proves who they are
 */
export function compose(random: Random, ground: Ground, isAnonymous: boolean): string {
  const count = random.chance(0.3) ? 2 + random.below(3) : 1
  return Array.from({ length: count }, () => one(random, ground, isAnonymous)).join('')
}

function one(random: Random, ground: Ground, isAnonymous: boolean): string {
  const [method, target] = random.pick(ground.asks)
  // Half of them are in order but for what their names and values say, so that something arrives to be looked at.
  const isOdd = random.chance(0.5)
  const version = isOdd ? random.pick(versions) : 'HTTP/1.1'
  const lines = [
    `${method} ${target} ${version}`.trimEnd(),
    isOdd ? random.pick(hosts) : 'Host: app.test',
  ]
  const more = random.below(random.chance(0.05) ? 60 : 6)
  for (let index = 0; index < more; index += 1) lines.push(header(random, isOdd))
  if (!isAnonymous) lines.push(random.pick(ground.accounts).line)
  else if (random.chance(0.3)) lines.push(spoil(random, ground.accounts))
  if (random.chance(0.1)) shake(random, lines)
  const { headers, body } = frame(random)
  lines.push(...headers)
  if (random.chance(0.2)) shuffle(random, lines)
  return `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n${body}`
}

function header(random: Random, isOdd: boolean): string {
  const separator = isOdd ? random.pick([': ', ': ', ': ', ':', ' : ', ':\t', ':\r\n ']) : ': '
  return `${random.pick(names)}${separator}${random.pick(values)}`
}

/** A handshake, whole or with a part of it missing. */
function shake(random: Random, lines: string[]): void {
  const parts = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Origin: http://app.test',
  ]
  lines.push(...parts.filter(() => random.chance(0.9)))
}

function frame(random: Random): { readonly headers: readonly string[]; readonly body: string } {
  const text = random.pick(['', 'x', 'hello', 'a=b&c=d', '{"a":1}', 'x'.repeat(5000)])
  switch (random.below(9)) {
    case 0:
      return { headers: [`Content-Length: ${text.length}`], body: text }
    case 1:
      return { headers: ['Transfer-Encoding: chunked'], body: chunked(random, text) }
    case 2:
      return { headers: [`Content-Length: ${random.below(20)}`], body: text }
    case 3:
      return {
        headers: [`Content-Length: ${text.length}`, 'Transfer-Encoding: chunked'],
        body: chunked(random, text),
      }
    case 4:
      return { headers: [], body: text }
    default:
      return { headers: [], body: '' }
  }
}

function chunked(random: Random, text: string): string {
  const extension = random.pick(['', '', '', ';a=b', ';a="b"', ' ', ';\r\n', `;${'x'.repeat(500)}`])
  const size = random.pick([
    text.length.toString(16),
    text.length.toString(16),
    text.length.toString(16),
    `0${text.length.toString(16)}`,
    (text.length + 1).toString(16),
    '0x5',
    '-1',
    'fffffffffffffffff',
  ])
  const trailers = random.pick([
    '',
    '',
    'X-Late: 1\r\n',
    'X-User-Id: mallory\r\n',
    'Content-Length: 9\r\n',
  ])
  const piece = text === '' ? '' : `${size}${extension}\r\n${text}\r\n`
  return `${piece}${random.pick(['0', '0', '00', '', '0;x'])}\r\n${trailers}\r\n`
}

/** Everything after the request line in another order. */
function shuffle(random: Random, lines: string[]): void {
  for (let index = lines.length - 1; index > 1; index -= 1) {
    const other = 1 + random.below(index)
    const kept = lines[index] ?? ''
    lines[index] = lines[other] ?? ''
    lines[other] = kept
  }
}
