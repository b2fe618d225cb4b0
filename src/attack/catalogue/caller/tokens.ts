import type { Draft } from '../../case.ts'
import type { Ground, Probe } from '../../ground.ts'
import { encode, mallory, strangersSecret, type TokenParts } from '../../stage/forge.ts'
import { bearer } from './bearer.ts'
import { forged, signed, type Forgery } from './forgeries.ts'
import { tell, told, type Told, type Words } from '../words.ts'

/** Whatever is brought as a bearer token, and proves nothing. */
export function tokenDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.route.auth.mode === 'none') return []
  const { forge } = ground
  const all = [
    ...forged.map((each) => [each, false] as const),
    ...signed.map((each) => [each, true] as const),
  ]
  return [
    ...all.map(([[about, parts], isSigned]) => {
      const token = forge.token(`token: ${about.title}`, partsOf(about.id, parts, ground))
      return { ...bearer(probe, about, token), isSigned }
    }),
    ...timed(ground).map(([[about, parts], skip]) => ({
      ...bearer(probe, about, forge.token(`token: ${about.title}`, parts)),
      isSigned: true,
      ...(skip === null ? {} : { skip }),
    })),
    ...shaped(ground, probe),
    ...ofBetterAuth(ground, probe),
  ]
}

function partsOf(id: string, parts: TokenParts, { config }: Ground): TokenParts {
  const { userClaim } = config.bearer
  const users: Readonly<Record<string, unknown>> = {
    'no-sub': undefined,
    'sub-number': 7,
    'sub-lines': `${mallory}\r\nX-User-Id: ${mallory}`,
  }
  return Object.hasOwn(users, id) ? { ...parts, claims: { [userClaim]: users[id] } } : parts
}

const words: Words = {
  expired: ['expired', 'Good until an hour ago.', 'CWE-613, RFC 7519 §4.1.4'],
  'not-yet': ['not valid yet (nbf)', 'Good from in an hour on.', 'RFC 7519 §4.1.5'],
  'of-tomorrow': [
    'issued in the future (iat)',
    'Revocations of today would not concern it.',
    'CWE-613',
  ],
  'too-long-lived': [
    'too long-lived',
    'It lives longer than bearer.maxLifetime, for which revocations are kept.',
    'CWE-613',
  ],
  'wrong-iss': [
    'of another issuer',
    'Signed with the same secret, for somebody else.',
    'RFC 8725 §3.8',
  ],
  'wrong-aud': [
    'for another audience',
    'A token that another application was given.',
    'RFC 8725 §3.9',
  ],
  altered: [
    'another payload under a good signature',
    'What was signed is not what is read.',
    'CWE-347',
  ],
  'four-parts': [
    'four segments',
    'A parser that takes the last three and one that takes the first three see two tokens.',
    'RFC 7515 §5.2',
  ],
  'five-parts': [
    'an encrypted token',
    'Five segments are another format, whose key would be the same.',
    'RFC 7516 §7.1',
  ],
  'two-parts': ['no third segment', 'Header and payload, and nothing to verify.', 'CWE-347'],
  padded: [
    'padding',
    'A second spelling of the same token, which no list of revoked ones has.',
    'RFC 7515 §2',
  ],
  huge: ['a token of 12 kB', 'Work for whoever verifies before looking at the size.', 'CWE-400'],
}

/** Those that depend on the clock or on what the configuration asks for, each with why it cannot be. */
function timed({
  config,
  forge: { now },
}: Ground): readonly (readonly [Forgery, skip: string | null])[] {
  const { maxLifetimeMs, issuer, audience } = config.bearer
  const life = Math.ceil(maxLifetimeMs / 1000)
  const claims = (given: Readonly<Record<string, unknown>>): TokenParts => ({ claims: given })
  return [
    [[tell(words, 'expired'), claims({ iat: now - 7200, exp: now - 3600 })], null],
    [[tell(words, 'not-yet'), claims({ nbf: now + 3600 })], null],
    [[tell(words, 'of-tomorrow'), claims({ iat: now + 3600, exp: now + 3700 })], null],
    [[tell(words, 'too-long-lived'), claims({ exp: now + life + 3600 })], null],
    [
      [tell(words, 'wrong-iss'), claims({ iss: 'https://issuer.attack.invalid' })],
      issuer === null ? 'bearer.issuer is not set' : null,
    ],
    [
      [tell(words, 'wrong-aud'), claims({ aud: 'attack' })],
      audience === null ? 'bearer.audience is not set' : null,
    ],
  ]
}

/** Tokens that are good but for their shape. */
function shaped({ forge }: Ground, probe: Probe): readonly Draft[] {
  const good = forge.token('token: good')
  const [header = '', payload = '', signature = ''] = good.split('.')
  const other = encode({ sub: mallory, exp: 9999999999 })
  const shapes: readonly (readonly [about: Told, token: string])[] = [
    [tell(words, 'altered'), `${header}.${other}.${signature}`],
    [tell(words, 'four-parts'), `${good}.${signature}`],
    [tell(words, 'five-parts'), `${header}.${payload}.${signature}.${payload}.${signature}`],
    [tell(words, 'two-parts'), `${header}.${payload}`],
    [tell(words, 'padded'), `${good}=`],
    [tell(words, 'huge'), `${header}.${payload}${'A'.repeat(12_000)}.${signature}`],
  ]
  return shapes.map(([about, token]) => ({
    ...bearer(probe, about, forge.masks.name(token, `token: ${about.title}`)),
    isSigned: true,
  }))
}

/** What Better Auth signs for itself with a secret of its own. */
function ofBetterAuth({ forge, config }: Ground, probe: Probe): readonly Draft[] {
  const secret = forge.authSecret ?? strangersSecret()
  const skip =
    config.auth.secrets.length === 0 ? { skip: "Better Auth's secret is kept elsewhere" } : {}
  const made: readonly Forgery[] = [
    [
      told(
        'of-verification',
        "Better Auth's link that verifies an address",
        'Sent by mail to whoever asks, with a lifetime and a user in it.',
        'RFC 8725 §3.12',
      ),
      { secret, claims: { email: 'mallory@attack.invalid' } },
    ],
    [
      told(
        'of-cookie-cache',
        "Better Auth's cache of a session",
        'A cookie that browsers can read out, brought as a token.',
        'RFC 8725 §3.12',
      ),
      { secret, claims: { session: { userId: mallory }, user: { id: mallory } } },
    ],
  ]
  return made.map(([about, parts]) => ({
    ...bearer(probe, about, forge.token(`token: ${about.title}`, parts)),
    isSigned: true,
    ...skip,
  }))
}
