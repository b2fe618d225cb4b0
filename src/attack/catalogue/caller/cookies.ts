import type { Draft, Expectation } from '../../case.ts'
import { arrivesOnce, hasOnly, refused } from '../../expect.ts'
import { callerOf, isProtected, takes, type Ground, type Probe } from '../../ground.ts'
import { strangersSecret } from '../../stage/forge.ts'
import { valuesOf } from '../../wire/message.ts'
import { write } from '../request.ts'
import { tell, told, type Told, type Words } from '../words.ts'

type Forgery = readonly [about: Told, cookie: string]

const dead = [
  'session_invalid',
  'session_expired',
  'session_revoked',
  'token_not_accepted',
] as const

/** Session cookies that prove nothing, and cookies that only look like one. */
export function cookieDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.route.auth.mode === 'none') return []
  const forgeries = [...forged(ground), ...(takes(probe, 'session') ? repeated(ground, probe) : [])]
  return [
    ...forgeries.map(([about, cookie]) => ({
      ...about,
      title: `cookie: ${about.title}`,
      shot: {
        bytes: write(probe, { lines: cookie.split('\n').map((value) => `Cookie: ${value}`) }),
      },
      expect: refused(...dead),
    })),
    ...others(ground, probe),
  ]
}

const words: Words = {
  unsigned: [
    'a token without a signature',
    'Whoever guesses or finds a token could use it.',
    'CWE-565',
  ],
  'wrong-secret': [
    'signed with another secret',
    'A cookie of somebody who does not know the secret.',
    'CWE-347',
  ],
  'empty-secret': [
    'signed with an empty secret',
    'A gateway whose secret is missing believes it.',
    'CWE-1391',
  ],
  'default-secret': [
    "signed with the secret of Better Auth's examples",
    'A secret that is in a public repository.',
    'CWE-798',
  ],
  'empty-signature': [
    'an empty signature',
    'Compared as far as there is something to compare, it is equal.',
    'CWE-347',
  ],
  'zero-signature': ['a signature of zeros', 'The form is right, and nothing else.', 'CWE-347'],
  empty: ['an empty value', "No session is no session of everybody's.", 'CWE-287'],
  'broken-escape': [
    'a broken escape',
    'What cannot be decoded must end as a refusal, not as an error.',
    'CWE-755',
  ],
  huge: ['a cookie of 7 kB', 'Work for whoever verifies before looking at the size.', 'CWE-400'],
  wildcard: [
    'a token that is a pattern',
    'Looked up as it is, it would find any session.',
    'CWE-943',
  ],
  json: [
    'a token that is a condition',
    'Looked up as it is read, it would find any session.',
    'CWE-943',
  ],
  twice: [
    'a good one and a forged one',
    'A page of a sibling domain plants a second cookie of the same name.',
    'CWE-565, RFC 6265 §8.6',
  ],
  'twice-reversed': ['a forged one and a good one', 'The same the other way round.', 'CWE-565'],
  'twice-in-two-headers': [
    'a good one and a forged one, in two headers',
    'The same over two Cookie headers, of which some readers see one.',
    'CWE-436',
  ],
  'named-case': [
    'a good value in another case',
    'Names of cookies are told apart by case.',
    'RFC 6265 §5.4',
  ],
  'cached-session': [
    'a value in the place of a cached session',
    'Better Auth may keep whole sessions in a second cookie.',
    'CWE-565',
  ],
  swapped: [
    'the signature of another session',
    'A good signature, and another token under it.',
    'CWE-347',
  ],
}

function forged({ forge, cookieName }: Ground): readonly Forgery[] {
  const token = 'attack-forged-session-token'
  const value = (secret?: string): string => forge.cookie('cookie: forged', token, secret)
  const bad = value(strangersSecret())
  const mac = 'A'.repeat(43)
  const forgeries: readonly Forgery[] = [
    [tell(words, 'unsigned'), token],
    [tell(words, 'wrong-secret'), bad],
    [tell(words, 'empty-secret'), value('')],
    [tell(words, 'default-secret'), value('better-auth-secret-123456789')],
    [tell(words, 'empty-signature'), `${token}.`],
    [tell(words, 'zero-signature'), encodeURIComponent(`${token}.${mac}=`)],
    [tell(words, 'empty'), ''],
    [tell(words, 'broken-escape'), `%E0%A4%A.${mac}`],
    [tell(words, 'huge'), encodeURIComponent(`${'a'.repeat(7000)}.${mac}=`)],
    [tell(words, 'wildcard'), encodeURIComponent(`%%%%%%%%%%%%%%%%.${mac}=`)],
    [tell(words, 'json'), encodeURIComponent(`{"$ne":"aaaaaaaaaaaa"}.${mac}=`)],
  ]
  return forgeries.map(([about, cookie]) => [about, `${cookieName}=${cookie}`])
}

/** A good one and another one: which of them counts is for nobody to guess. */
function repeated({ cookieName, forge }: Ground, probe: Probe): readonly Forgery[] {
  const session = callerOf(probe, 'session')
  if (session === null) return []
  const good = session.line.slice('Cookie: '.length)
  const value = good.slice(cookieName.length + 1)
  const decoded = decodeURIComponent(value)
  const bad = `${cookieName}=${forge.cookie('cookie: forged', 'attack-forged-session-token', strangersSecret())}`
  const swapped = encodeURIComponent(
    `attack-forged-session-token${decoded.slice(decoded.lastIndexOf('.'))}`,
  )
  return [
    [tell(words, 'twice'), `${good}; ${bad}`],
    [tell(words, 'twice-reversed'), `${bad}; ${good}`],
    [tell(words, 'twice-in-two-headers'), `${good}\n${bad}`],
    [
      tell(words, 'swapped'),
      `${cookieName}=${forge.masks.name(swapped, "cookie: another session's signature")}`,
    ],
  ]
}

/** Cookies under other names are nobody's, and go no further. */
function others(ground: Ground, probe: Probe): readonly Draft[] {
  const { cookieName, forge } = ground
  const session = takes(probe, 'session') ? callerOf(probe, 'session') : null
  const value =
    session?.line.slice(`Cookie: ${cookieName}=`.length) ??
    forge.cookie('cookie: forged', 'attack-forged-session-token', strangersSecret())
  return otherNames(probe, cookieName).map(([about, name]) => ({
    ...about,
    title: `cookie: ${about.title}`,
    shot: { bytes: write(probe, { lines: [`Cookie: ${name}=${value}`] }) },
    expect: countsForNobody(probe, name),
  }))
}

function otherNames(probe: Probe, cookieName: string): readonly Forgery[] {
  const plain = cookieName.replace(/^(?:__Host-|__Secure-)/, '')
  const story = 'Prefixes are promises of browsers; a sibling domain can plant the other names.'
  const prefixed = [
    ['named-plain', plain],
    ['named-secure', `__Secure-${plain}`],
    ['named-host', `__Host-${plain}`],
  ] as const
  const variants = prefixed
    .filter(([, name]) => name !== cookieName)
    .map(([id, name]): Forgery => [
      told(id, `a good value as ${name}`, story, 'RFC 6265bis §4.1.3'),
      name,
    ])
  return [
    ...variants,
    [tell(words, 'cached-session'), cookieName.replace('session_token', 'session_data')],
    // Elsewhere it is a cookie of the application's, and travels on.
    ...(isProtected(probe)
      ? [[tell(words, 'named-case'), cookieName.toUpperCase()] satisfies Forgery]
      : []),
  ]
}

function countsForNobody(probe: Probe, name: string): Expectation {
  if (isProtected(probe))
    return refused('credential_missing', 'session_invalid', 'token_not_accepted')
  return arrivesOnce("arrives in nobody's name, without the cookie", (arrival) => [
    ...hasOnly(arrival, 'X-User-Id', null),
    ...valuesOf(arrival.fields, 'cookie')
      .filter((each) => each.includes(name))
      .map((each) => `arrived with Cookie: ${each}`),
  ])
}
