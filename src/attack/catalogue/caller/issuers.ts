import type { Draft } from '../../case.ts'
import { takes, type Ground, type Probe } from '../../ground.ts'
import { mallory, type Forge } from '../../stage/forge.ts'
import { bearer } from './bearer.ts'
import { tell, type Told, type Words } from '../words.ts'

/** Tokens of other issuers. */
export function issuerDrafts({ forge }: Ground, probe: Probe): readonly Draft[] {
  if (!takes(probe, 'bearer')) return []
  return forge.issuers.flatMap((issuer, index) => ofIssuer(forge, probe, issuer, index))
}

const words: Words = {
  stranger: [
    'signed with a key that it does not publish',
    'The name of the issuer and of its key, and another key.',
    'CWE-347',
  ],
  'key-as-secret': [
    'HS256 with its public key',
    'The public key as the secret of an HMAC.',
    'CWE-347, CVE-2016-5431',
  ],
  'other-audience': [
    'for another audience',
    'What the issuer gave to another application.',
    'RFC 8725 §3.9',
  ],
  'other-issuer': [
    "in another's name",
    'A key of one issuer under the name of another.',
    'RFC 8725 §3.8',
  ],
  expired: ['expired', 'Good until an hour ago.', 'CWE-613'],
  'no-exp': ['no exp', 'It would never end.', 'CWE-613'],
  crit: [
    'an extension that must be understood (crit)',
    'Whoever does not know it may not believe the token.',
    'RFC 7515 §4.1.11',
  ],
  'unknown-key': [
    'with a key id that nobody has',
    'A verifier that tries any key it has believes it.',
    'CWE-347',
  ],
}

function ofIssuer(
  forge: Forge,
  probe: Probe,
  issuer: Forge['issuers'][number],
  index: number,
): readonly Draft[] {
  const { now, masks } = forge
  const { issuer: iss, audience: aud, userClaim } = issuer.config
  const good = { iss, aud, sub: mallory, [userClaim]: mallory, iat: now, exp: now + 60 }
  const names: readonly (readonly [about: Told, token: string])[] = [
    [tell(words, 'stranger'), issuer.signAsStranger(good)],
    [
      tell(words, 'key-as-secret'),
      forge.token('token: HS256 with a public key', {
        secret: issuer.publicPem,
        claims: good,
        header: { kid: 'attack-1' },
      }),
    ],
    [tell(words, 'other-audience'), issuer.sign({ ...good, aud: 'attack' })],
    [tell(words, 'other-issuer'), issuer.sign({ ...good, iss: 'https://issuer.attack.invalid' })],
    [tell(words, 'expired'), issuer.sign({ ...good, iat: now - 7200, exp: now - 3600 })],
    [tell(words, 'no-exp'), issuer.sign({ ...good, exp: undefined })],
    [tell(words, 'crit'), issuer.sign(good, { crit: ['exp'] })],
    [tell(words, 'unknown-key'), issuer.sign(good, { kid: 'attack-2' })],
  ]
  return names.map(([about, token]) => ({
    ...bearer(
      probe,
      {
        ...about,
        id: `issuer-${String(index)}-${about.id}`,
        title: `issuer ${iss}, ${about.title}`,
      },
      masks.name(token, `token: issuer, ${about.title}`),
    ),
    isSigned: true,
  }))
}
