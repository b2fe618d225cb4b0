import type { Draft, Expectation } from '../../case.ts'
import { arrived, describeAnswer, expectation, refused } from '../../expect.ts'
import { callerOf, isProtected, takes, type Ground, type Probe } from '../../ground.ts'
import { valuesOf } from '../../wire/message.ts'
import { evil, handshake, write } from '../request.ts'

/** What pages of other sites can make a browser send, with the cookies of whoever sits before it. */
export function crossSiteDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  return [...writes(ground, probe), ...reads(ground, probe), ...sockets(ground, probe)]
}

type Origin = readonly [id: string, title: string, lines: readonly string[]]

function origins({ config }: Ground): readonly Origin[] {
  const { origin, protocol, host } = new URL(config.server.publicUrl)
  const otherScheme = protocol === 'https:' ? 'http' : 'https'
  return [
    ['foreign', 'another origin', [`Origin: https://${evil}`]],
    ['null', 'the origin "null"', ['Origin: null']],
    ['prefixed', 'an origin that begins like ours', [`Origin: ${origin}.${evil}`]],
    ['suffixed', 'an origin that ends like ours', [`Origin: ${protocol}//${evil}.${host}`]],
    ['userinfo', 'an origin with ours as its user', [`Origin: ${origin}@${evil}`]],
    ['other-scheme', 'our host under another scheme', [`Origin: ${otherScheme}://${host}`]],
    ['list', 'ours and another one', [`Origin: ${origin}, https://${evil}`]],
  ]
}

const rejected = ['origin_rejected', 'request_malformed'] as const

function writes(ground: Ground, probe: Probe): readonly Draft[] {
  const session = callerOf(probe, 'session')
  if (probe.unsafe === null || session === null || !takes(probe, 'session')) return []
  const told: readonly Origin[] = [
    ...origins(ground),
    [
      'twice',
      'two origins',
      [`Origin: ${new URL(ground.config.server.publicUrl).origin}`, `Origin: https://${evil}`],
    ],
    ['fetch-site', 'a request that says it is cross-site', ['Sec-Fetch-Site: cross-site']],
    [
      'same-site',
      'a request of a sibling domain',
      ['Sec-Fetch-Site: same-site', `Origin: https://${evil}`],
    ],
  ]
  const method = probe.unsafe
  return told.map(([id, title, lines]) => ({
    id: `write-${id}`,
    title: `${title}, with a session cookie and ${method}`,
    story: 'A page of another site sends a form in the name of whoever opens it.',
    reference: 'CWE-352',
    shot: { bytes: write(probe, { method, lines: [session.line, ...lines], body: 'a=b' }) },
    expect: refused(...rejected),
    changes: true,
  }))
}

/** Nothing of it may be read by a page of another origin, whatever the application would allow. */
function reads(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.route.observe !== null || probe.upstream === null) return []
  const caller = callerOf(probe, 'session')
  const lines = caller === null ? [] : [caller.line]
  const { origin } = new URL(ground.config.server.publicUrl)
  const told: readonly (readonly [string, string, string])[] = [
    ['foreign', 'another origin', `https://${evil}`],
    ['null', 'the origin "null"', 'null'],
    ['prefixed', 'an origin that begins like ours', `${origin}.${evil}`],
  ]
  return told.flatMap(([id, title, from]): Draft[] => {
    const hostile = `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: ${from}\r\nAccess-Control-Allow-Credentials: true\r\n\r\n`
    const ask = ['Access-Control-Request-Method: GET', `Origin: ${from}`]
    const answer = probe.route.cors === null ? {} : { answer: hostile }
    const told = {
      story:
        'Whoever is named in Access-Control-Allow-Origin reads the answer, with the cookies of whoever sits before it.',
      reference: 'CWE-942',
    }
    return [
      {
        id: `read-${id}`,
        title: `${title} reads an answer`,
        ...told,
        shot: { bytes: write(probe, { lines: [...lines, `Origin: ${from}`] }), ...answer },
        expect: unreadable(from),
      },
      {
        id: `preflight-${id}`,
        title: `${title} asks in advance`,
        ...told,
        shot: { bytes: write(probe, { method: 'OPTIONS', lines: ask }), ...answer },
        expect: unreadable(from),
      },
    ]
  })
}

function unreadable(from: string): Expectation {
  return expectation(
    'answered without Access-Control-Allow-Origin for it',
    ({ answers }) => [
      ...(answers.length === 0 ? ['there was no answer'] : []),
      ...answers.flatMap(({ fields }) =>
        valuesOf(fields, 'access-control-allow-origin')
          .filter((value) => value === from || value === '*')
          .map((value) => `answered with Access-Control-Allow-Origin: ${value}`),
      ),
    ],
    true,
  )
}

/** A handshake is a GET that may do everything, and browsers send cookies with it to any site. */
function sockets(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.route.websocket === null) return []
  const session = callerOf(probe, 'session')
  const nobody: readonly Draft[] = isProtected(probe)
    ? [
        {
          id: 'websocket-nobody',
          title: 'a WebSocket handshake of nobody',
          story: 'A connection that nobody has signed in for.',
          reference: 'CWE-306, CWE-1385',
          shot: { bytes: write(probe, { method: 'GET', lines: handshake }) },
          expect: refused('credential_missing'),
        },
      ]
    : []
  if (session === null) return nobody
  const foreign = origins(ground).map(([id, title, lines]): Draft => ({
    id: `websocket-${id}`,
    title: `${title} opens a WebSocket, with a session cookie`,
    story:
      'A page of another site opens a connection in the name of whoever opens it, and reads along.',
    reference: 'CWE-1385, RFC 6455 §10.2',
    shot: { bytes: write(probe, { method: 'GET', lines: [session.line, ...lines, ...handshake] }) },
    expect: closed,
  }))
  return [...nobody, ...foreign]
}

/** Browsers are told by a close frame, on a connection that is accepted for nothing else. */
const closed: Expectation = {
  ...expectation(
    'refused with origin_rejected, before the application hears of it',
    (seen) => [
      ...arrived(seen),
      ...(seen.answers.length === 0 ? ['there was no answer'] : []),
      ...seen.answers
        .filter(({ code }) => code !== 'origin_rejected' && code !== 'request_malformed')
        .map((each) => `answered ${describeAnswer(each)}`),
    ],
    true,
  ),
  aboutCaller: true,
}
