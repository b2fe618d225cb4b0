import type { Draft, Expectation } from '../../case.ts'
import { describeAnswer, expectation } from '../../expect.ts'
import { callerOf, isProtected, type Ground, type Probe } from '../../ground.ts'
import { mallory } from '../../stage/forge.ts'
import { write } from '../request.ts'
import { tell, told, type Told, type Words } from '../words.ts'

type Case = readonly [told: Told, lines: readonly string[]]

/** What an application that somebody has taken over says, at a place that is reached. */
export function answerDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  const caller = callerOf(probe)
  if (
    probe.upstream === null ||
    (caller === null && isProtected(probe) && probe.route.observe === null)
  )
    return []
  const bytes = write(probe, { lines: caller === null ? [] : [caller.line] })
  return [
    ...headers(ground).map(([about, lines]): Draft => ({
      ...about,
      shot: { bytes, answer: said(['HTTP/1.1 200 OK', ...lines, 'Content-Length: 2'], 'ok') },
      expect: withoutMallory,
    })),
    ...messages.map(([id, title, story, reference, answer]): Draft => ({
      id,
      title,
      story,
      reference,
      shot: { bytes, answer },
      expect: invalid,
    })),
    {
      id: 'surplus',
      title: 'a second answer behind the first',
      story: 'What nobody has asked for becomes the answer to the next request on that connection.',
      reference: 'CWE-444',
      shot: {
        bytes: `${bytes.replace(/Connection: close\r\n/, '')}${bytes}`,
        answer: `${said(['HTTP/1.1 200 OK', 'Content-Length: 2'], 'ok')}${said(['HTTP/1.1 200 OK', `X-Attack: ${mallory}`, 'Content-Length: 2'], 'no')}`,
      },
      expect: withoutMallory,
    },
  ]
}

function said(lines: readonly string[], body: string): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const words: Words = {
  code: [
    'X-Sallyport-Code in an answer',
    'The browser kit takes an answer of the application for a refusal of the gateway.',
    'CWE-345',
  ],
  marker: ['another X-Sallyport header', 'The same with any other marker.', 'CWE-345'],
  'hop-by-hop': [
    'a header that Connection names',
    'It is for the next hop only.',
    'RFC 9110 §7.6.1',
  ],
  'proxy-authenticate': [
    'Proxy-Authenticate',
    'Asks the browser for a password in the name of a proxy.',
    'RFC 9110 §11.7.1',
  ],
  server: ['Server', 'Tells what runs behind the gateway.', 'CWE-200'],
  upgrade: [
    'an Upgrade that is offered',
    'Leads clients to another protocol on this connection.',
    'RFC 9110 §7.8',
  ],
  'request-id': [
    'X-Request-Id in an answer',
    'What the gateway wrote into its log is found by it.',
    'CWE-117',
  ],
}

function headers({ cookieName, config }: Ground): readonly Case[] {
  const plain = cookieName.replace(/^(?:__Host-|__Secure-)/, '')
  const fixation = 'CWE-384'
  const cookies = [
    plain,
    `__Secure-${plain}`,
    `__Host-${plain}`,
    plain.replace('session_token', 'session_data'),
  ]
  const names = config.identity.headers.map(({ name }) => name)
  return [
    ...cookies.map((name, index): Case => [
      told(
        `set-cookie-${String(index + 1)}`,
        `Set-Cookie of ${name}`,
        'The application signs a browser in to an account of its own.',
        fixation,
      ),
      [`Set-Cookie: ${name}=${mallory}; Path=/`],
    ]),
    ...names.map((name): Case => [
      told(
        `identity-${name.toLowerCase()}`,
        `${name} in an answer`,
        'Whoever reads the identity out of an answer believes the application.',
        'CWE-345',
      ),
      [`${name}: ${mallory}`],
    ]),
    [tell(words, 'code'), [`X-Sallyport-Code: ${mallory}`]],
    [tell(words, 'marker'), [`X-Sallyport-User: ${mallory}`]],
    [tell(words, 'hop-by-hop'), ['Connection: X-Attack', `X-Attack: ${mallory}`]],
    [tell(words, 'proxy-authenticate'), [`Proxy-Authenticate: Basic realm="${mallory}"`]],
    [tell(words, 'server'), [`Server: ${mallory}`]],
    [tell(words, 'upgrade'), [`Upgrade: ${mallory}`]],
    [tell(words, 'request-id'), [`X-Request-Id: ${mallory}`]],
  ]
}

/** Nothing of what the application may not say reaches the browser, and the rest does. */
const withoutMallory: Expectation = expectation('answered without it', ({ answers, text }) => [
  ...(answers.length === 0 ? ['there was no answer'] : []),
  ...(text.includes(mallory) ? [`the answer holds ${lineWith(text, mallory)}`] : []),
])

function lineWith(text: string, part: string): string {
  return text.split('\r\n').find((line) => line.includes(part)) ?? part
}

const splitting = 'CWE-113'
const rest = 'Content-Length: 2'

/** Answers that two readers read differently, or that are no answers. */
const messages: readonly (readonly [
  id: string,
  title: string,
  story: string,
  reference: string,
  answer: string,
])[] = [
  [
    'bare-cr',
    'a bare CR in a header',
    'A browser may read a second header out of it.',
    splitting,
    said(['HTTP/1.1 200 OK', `X: a\rSet-Cookie: a=${mallory}`, rest], 'ok'),
  ],
  [
    'nul',
    'a NUL in a header',
    'Some readers end there.',
    splitting,
    said(['HTTP/1.1 200 OK', `X: a\u0000${mallory}`, rest], 'ok'),
  ],
  [
    'folded',
    'a folded header',
    'One header to some readers, two to others.',
    'RFC 9112 §5.2',
    said(['HTTP/1.1 200 OK', 'X: a', ` ${mallory}`, rest], 'ok'),
  ],
  [
    'space',
    'a blank before a colon',
    'A name with a blank, or without.',
    'RFC 9112 §5.1',
    said(['HTTP/1.1 200 OK', `X : ${mallory}`, rest], 'ok'),
  ],
  [
    'cl-cl',
    'two lengths',
    'Where the answer ends is read in two ways.',
    'CWE-444',
    said(['HTTP/1.1 200 OK', 'Content-Length: 3', rest], 'ok'),
  ],
  [
    'cl-te',
    'a length and chunks',
    'The same with chunks.',
    'CWE-444',
    said(
      ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Content-Length: 3'],
      '2\r\nok\r\n0\r\n\r\n',
    ),
  ],
  [
    'te-gzip',
    'another coding before chunked',
    'What would be taken off is not put on again.',
    'CWE-444',
    said(['HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked'], '2\r\nok\r\n0\r\n\r\n'),
  ],
  [
    'status',
    'a status that no class has',
    'Nobody knows what it means.',
    'RFC 9110 §15',
    said(['HTTP/1.1 999 X', rest], 'ok'),
  ],
  [
    'switch',
    'a protocol that nobody asked for',
    'The connection becomes a tunnel.',
    'CWE-444',
    said(['HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', 'Upgrade: x'], mallory),
  ],
  [
    'another-protocol',
    'no HTTP',
    'Bytes of another protocol.',
    'CWE-20',
    `SSH-2.0-${mallory}\r\n\r\n`,
  ],
]

const invalid: Expectation = expectation('answered with upstream_invalid', ({ answers, text }) => [
  ...(answers.length === 1 && answers[0]?.code === 'upstream_invalid'
    ? []
    : [`answered ${answers.map(describeAnswer).join(', ') || 'nothing'}`]),
  ...(text.includes(mallory) ? [`the answer holds ${lineWith(text, mallory)}`] : []),
])
