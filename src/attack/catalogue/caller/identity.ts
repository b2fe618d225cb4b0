import type { Draft, Expectation } from '../../case.ts'
import { arrivesOnce, hasOnly, mentions, refused } from '../../expect.ts'
import { callerOf, isProtected, type Ground, type Probe } from '../../ground.ts'
import { mallory } from '../../stage/forge.ts'
import { valuesOf } from '../../wire/message.ts'
import { evil, write, type Written } from '../request.ts'
import { tell, told, type Words } from '../words.ts'

/** Every way in which a client can say who it is, other than to prove it. */
export function identityDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.upstream === null) return []
  const aim = aimAt(probe)
  return [
    ...spellings(ground, probe, aim),
    ...positions(probe, aim),
    ...forwarding(ground, probe, aim),
    ...credentials(ground, probe, aim),
  ]
}

/** As whom a probe is reached, and what then must hold. */
interface Aim {
  readonly lines: readonly string[]
  readonly expect: (words: string, wrong?: Parameters<typeof arrivesOnce>[1]) => Expectation
}

function aimAt(probe: Probe): Aim {
  const caller = probe.route.observe === null ? callerOf(probe) : null
  if (caller === null && isProtected(probe) && probe.route.observe === null) {
    return { lines: [], expect: () => refused('credential_missing', 'token_not_accepted') }
  }
  const userId = caller?.userId ?? null
  return {
    lines: caller === null ? [] : [caller.line],
    expect: (words, wrong = () => []) =>
      arrivesOnce(
        `arrives ${userId === null ? "in nobody's name" : "in the caller's name"}, ${words}`,
        (arrival, seen) => [
          ...hasOnly(arrival, 'X-User-Id', userId),
          ...mentions(arrival, mallory),
          ...wrong(arrival, seen),
        ],
      ),
  }
}

const spelled: readonly (readonly [id: string, name: string])[] = [
  ['header', 'X-User-Id'],
  ['header-lower-case', 'x-user-id'],
  ['header-upper-case', 'X-USER-ID'],
  ['header-underscores', 'X_User_Id'],
  ['header-one-underscore', 'X-User_Id'],
  ['header-dots', 'X.User.Id'],
  ['header-of-ours', 'X-Sallyport-User'],
  ['header-of-proxies', 'X-Forwarded-User'],
  ['header-of-impersonation', 'X-Impersonated-By'],
]

function spellings(ground: Ground, probe: Probe, aim: Aim): readonly Draft[] {
  const own = ground.config.identity.headers
    .map(({ name }) => name)
    .filter((name) => name.toLowerCase() !== 'x-user-id')
    .flatMap((name): [string, string][] => [
      [`header-${name.toLowerCase()}`, name],
      [`header-${name.toLowerCase()}-underscores`, name.replaceAll('-', '_')],
    ])
  return [...spelled, ...own].map(([id, name]) => ({
    id,
    title: `${name} of a client`,
    story: `The client writes ${name} itself; servers in Python read "_" and "-" as one.`,
    reference: 'CWE-290, CWE-639',
    shot: {
      bytes: write(probe, {
        lines: [`${name}: ${mallory}`, ...aim.lines, `${name}: ${mallory}-2`],
      }),
    },
    expect: aim.expect('without what the client wrote'),
  }))
}

const positioned: Words = {
  'hop-by-hop': [
    'a Connection header that names what the gateway adds',
    'Headers that `Connection` names are dropped on the way; so the trusted ones would be.',
    'CWE-444, RFC 9110 §7.6.1',
  ],
  trailer: [
    'X-User-Id in a trailer',
    'Some servers add trailers to the headers.',
    'CWE-444, RFC 9110 §6.5.1',
  ],
  'header-list': [
    'two identities in one X-User-Id',
    'Whoever splits at the comma takes the first.',
    'CWE-290',
  ],
  'proxy-authorization': [
    'Proxy-Authorization',
    'A credential for the next hop, which an application may take for one of its own.',
    'RFC 9110 §11.7.2',
  ],
  'authorization-on-open': [
    'Authorization on an open route',
    'A token that nobody has looked at reaches an application which may believe it.',
    'CWE-287',
  ],
  'cookie-on-open': [
    'a session cookie on an open route',
    'The application is shown a credential of somebody.',
    'CWE-200',
  ],
}

function made(id: string, bytes: string, expect: Expectation): Draft {
  return { ...tell(positioned, id), shot: { bytes }, expect }
}

function positions(probe: Probe, { lines, expect }: Aim): readonly Draft[] {
  const named = 'Connection: close, X-User-Id, Authorization, X-Forwarded-For'
  const chunked: Written = {
    ...(probe.unsafe === null ? {} : { method: probe.unsafe }),
    lines: ['Transfer-Encoding: chunked', 'Trailer: X-User-Id, Authorization', ...lines],
    body: `2\r\nhi\r\n0\r\nX-User-Id: ${mallory}\r\nAuthorization: Bearer ${mallory}\r\n\r\n`,
  }
  return [
    made(
      'hop-by-hop',
      write(probe, { lines: [`X-User-Id: ${mallory}`, ...lines, named] }),
      expect('with what the gateway adds', ({ fields }) =>
        valuesOf(fields, 'x-forwarded-for').length === 1 ? [] : ['arrived without X-Forwarded-For'],
      ),
    ),
    made(
      'trailer',
      write(probe, chunked),
      expect('without trailers', ({ trailers, fields }) => [
        ...trailers.map(([name]) => `the trailer ${name} arrived`),
        ...(valuesOf(fields, 'trailer').length === 0 ? [] : ['arrived with Trailer']),
      ]),
    ),
    made(
      'header-list',
      write(probe, { lines: [`X-User-Id: ${mallory}, ${mallory}-2`, ...lines] }),
      expect('without what the client wrote'),
    ),
    made(
      'proxy-authorization',
      write(probe, { lines: [`Proxy-Authorization: Bearer ${mallory}`, ...lines] }),
      expect('without it'),
    ),
  ]
}

const lies: readonly (readonly [id: string, line: string, name: string])[] = [
  ['x-forwarded-for', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For'],
  ['x-forwarded-host', `X-Forwarded-Host: ${evil}`, 'X-Forwarded-Host'],
  ['x-forwarded-proto', 'X-Forwarded-Proto: gopher', 'X-Forwarded-Proto'],
  ['x-forwarded-prefix', 'X-Forwarded-Prefix: /203.0.113.9', 'X-Forwarded-Prefix'],
  ['forwarded', `Forwarded: for=203.0.113.9;host=${evil};proto=gopher`, 'Forwarded'],
  ['x-real-ip', 'X-Real-IP: 203.0.113.9', 'X-Real-IP'],
  ['x-original-url', 'X-Original-URL: /203.0.113.9', 'X-Original-URL'],
  ['x-rewrite-url', 'X-Rewrite-URL: /203.0.113.9', 'X-Rewrite-URL'],
]

function forwarding({ trustsUs }: Ground, probe: Probe, { lines, expect }: Aim): readonly Draft[] {
  return lies.map(([id, line, name]) => {
    const made: Draft = {
      ...told(
        id,
        `${name} of somebody who is no proxy`,
        `The client says with ${name} where it comes from or what it asked for.`,
        'CWE-348, RFC 7239 §8.1',
      ),
      shot: { bytes: write(probe, { lines: [line, ...lines] }) },
      expect: expect('without what the client wrote', (arrival) =>
        [/203\.0\.113\.9/, /gopher/, /evil\.attack/].flatMap((lie) =>
          arrival.fields
            .filter(([, value]) => lie.test(value))
            .map(([each, value]) => `arrived with ${each}: ${value}`),
        ),
      ),
    }
    const believed = trustsUs && name === 'X-Forwarded-For'
    return believed
      ? { ...made, skip: 'server.trustedProxies believes this machine, from which attack fires' }
      : made
  })
}

/** Credentials that nobody looks at. */
function credentials(ground: Ground, probe: Probe, { expect }: Aim): readonly Draft[] {
  const { route } = probe
  if (route.auth.mode !== 'none' || route.observe !== null) return []
  const token = ground.forge.token('token: good but for an open route')
  const cookie = `${ground.cookieName}=x.y; theme=dark`
  const without = expect('without Authorization', (arrival) =>
    hasOnly(arrival, 'Authorization', null),
  )
  const bytes = write(probe, { lines: [`Authorization: Bearer ${token}`] })
  return [
    { ...made('authorization-on-open', bytes, unlessPassedOn(without, probe)), isSigned: true },
    made(
      'cookie-on-open',
      write(probe, { lines: [`Cookie: ${cookie}`] }),
      expect('with other cookies only', (arrival) => hasOnly(arrival, 'Cookie', 'theme=dark')),
    ),
  ]
}

function unlessPassedOn(expected: Expectation, { route, index }: Probe): Expectation {
  if (!route.auth.forwardAuthorization) return expected
  const key = `routes[${String(index)}].auth.forwardAuthorization`
  const opening = { key, why: "the route hands the client's Authorization on" }
  return {
    ...expected,
    judge: (seen) => {
      const finding = expected.judge(seen)
      const isOpen = finding.verdict === 'broken' && seen.arrivals?.length === 1
      return isOpen ? { verdict: 'open', opening } : finding
    },
  }
}
