import type { Draft, Expectation } from '../../case.ts'
import { arrived, expectation, refused } from '../../expect.ts'
import type { Ground, Probe } from '../../ground.ts'
import { mallory, strangersSecret } from '../../stage/forge.ts'
import { evil, handshake, write, type Written } from '../request.ts'
import { betterAuth } from './better-auth.ts'
import { tell, told, type Told, type Words } from '../words.ts'

/** A case at a path of the gateway's own. */
export type Case = readonly [told: Told, written: Written, expect: Expectation]

/** What is reserved for the gateway and for Better Auth, asked for by nobody, by others, and in other ways. */
export function endpointDrafts(ground: Ground): readonly Draft[] {
  const at = { method: 'GET', host: ground.host, path: '/_gateway' } as const
  return [...reserved(ground), ...own(ground), ...betterAuth(ground)].map(
    ([about, written, expect]) => ({
      ...about,
      shot: { bytes: write(at, written) },
      expect,
      ...(written.method === undefined || written.method === 'GET' ? {} : { changes: true }),
    }),
  )
}

const notFound = refused('route_not_found', 'path_not_canonical')

function reserved({ config }: Ground): readonly Case[] {
  const names = ['metrics', 'readyz', 'livez', 'console/', 'console/state', 'admin', '../metrics']
  const below = names.map((name): Case => [
    told(
      `reserved-${name.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'root'}${name.startsWith('..') ? '-dots' : ''}`,
      `/_gateway/${name}`,
      'What operators see is on a listener of its own, and below the reserved prefix nothing is proxied.',
      'CWE-419',
    ),
    { target: `/_gateway/${name}` },
    notFound,
  ])
  const isOff = config.verify === null
  return isOff
    ? [
        ...below,
        [
          told(
            'verify',
            '/_gateway/verify, which is off',
            'An endpoint that says who somebody is to whoever asks.',
            'CWE-200',
          ),
          { target: '/_gateway/verify', lines: ['X-Forwarded-Uri: /', 'X-Forwarded-Method: GET'] },
          notFound,
        ],
      ]
    : below
}

const unauthorized = [
  'credential_missing',
  'token_invalid',
  'token_not_accepted',
  'session_invalid',
  'session_expired',
] as const

const words: Words = {
  'token-nobody': [
    'an access token for nobody',
    'The endpoint that hands out tokens, without a session.',
    'CWE-306',
  ],
  'token-forged': [
    'an access token for a forged cookie',
    'The same with a cookie that proves nothing.',
    'CWE-347',
  ],
  'token-bearer': [
    'an access token for a token',
    'A token that makes tokens never ends.',
    'CWE-613',
  ],
  'token-get': [
    'an access token by GET',
    'What a link or an image of another site can ask for.',
    'CWE-352, CWE-650',
  ],
  'events-nobody': [
    "the events of nobody's session",
    'A stream that tells of a session.',
    'CWE-306',
  ],
  'ticket-nobody': ['a ticket for nobody', 'A ticket is a credential.', 'CWE-306'],
  'session-forged': [
    'the session of a forged cookie',
    'Who is signed in is asked with a cookie that proves nothing.',
    'CWE-347',
  ],
  'revocations-unsigned': [
    'a push that nobody has signed',
    'Whoever can push can sign everybody out, or keep revocations from being heard.',
    'CWE-345',
  ],
  'login-foreign': [
    'a sign-in form of another site',
    'A page signs its visitors in to an account of its own.',
    'CWE-352',
  ],
}

function own(ground: Ground): readonly Case[] {
  return [...credentials(ground), ...forms()]
}

/** What hands out credentials, or tells of a session. */
function credentials({ forge, cookieName, config }: Ground): readonly Case[] {
  const value = forge.cookie('cookie: forged', 'attack-forged-session-token', strangersSecret())
  const forged = `Cookie: ${cookieName}=${value}`
  const stranger = { secret: strangersSecret() }
  const token = forge.token('token: signed with another secret', stranger)
  const here = `Origin: ${config.server.publicUrl}`
  const ask = (id: string, lines: readonly string[], target = '/_gateway/token'): Case => [
    tell(words, id),
    { method: 'POST', target, lines },
    refused(...unauthorized),
  ]
  const stream = ['Accept: text/event-stream']
  return [
    ask('token-nobody', []),
    ask('token-forged', [forged, here]),
    ask('token-bearer', [`Authorization: Bearer ${token}`]),
    ask('ticket-nobody', ['Content-Type: application/json', here], '/_gateway/ticket'),
    [
      tell(words, 'token-get'),
      { target: '/_gateway/token', lines: [forged] },
      refused('method_not_allowed'),
    ],
    [
      tell(words, 'events-nobody'),
      { target: '/_gateway/events', lines: stream },
      refused(...unauthorized),
    ],
    [tell(words, 'session-forged'), { target: '/_gateway/session', lines: [forged] }, isNobody],
  ]
}

/** What others send. */
function forms(): readonly Case[] {
  const form = 'Content-Type: application/x-www-form-urlencoded'
  const method = 'POST'
  return [
    [
      tell(words, 'revocations-unsigned'),
      {
        method,
        target: '/_gateway/revocations',
        lines: ['Content-Type: application/json'],
        body: '{"events":[]}',
      },
      refused('route_not_found', 'token_not_accepted', 'request_malformed'),
    ],
    [
      tell(words, 'login-foreign'),
      {
        method,
        target: '/_gateway/login',
        lines: [form, `Origin: https://${evil}`],
        body: 'form=sign-in&email=a%40b.invalid&password=x',
      },
      refused('origin_rejected'),
    ],
  ]
}

/** Nobody, or a refusal; never a session. */
const isNobody: Expectation = expectation(
  'answered with nobody',
  (seen) => [
    ...arrived(seen),
    ...(seen.answers.some(
      ({ status, body }) => status === 200 && /"authenticated":\s*false/.test(body),
    )
      ? []
      : ['the answer does not say that nobody is signed in']),
    ...(seen.text.includes(mallory) ? [`the answer names ${mallory}`] : []),
  ],
  true,
)

/** A ticket decides alone where a page opens a stream. */
export function ticketDrafts(probe: Probe): readonly Draft[] {
  if (probe.route.websocket === null || probe.route.auth.mode === 'none') return []
  return [
    {
      id: 'ticket-forged',
      title: 'a ticket that nobody was given',
      story: 'A random word in the place of a ticket, on a handshake.',
      reference: 'CWE-330',
      shot: {
        bytes: write(probe, {
          method: 'GET',
          target: `${probe.path}?ticket=${'A'.repeat(43)}`,
          lines: handshake,
        }),
      },
      expect: refused('token_invalid', 'token_not_accepted'),
    },
  ]
}
