import { strangersSecret, type TokenParts } from '../../stage/forge.ts'
import { told, type Told } from '../words.ts'

export type Forgery = readonly [told: Told, parts: TokenParts]

const stranger = { secret: strangersSecret() }
const hmacKey = { kty: 'oct', k: Buffer.from(stranger.secret).toString('base64url') }

/** What anybody can make. */
export const forged: readonly Forgery[] = [
  [
    told(
      'alg-none',
      'alg none',
      'A token that says it needs no signature.',
      'CWE-347, RFC 8725 §2.1',
    ),
    { header: { alg: 'none' }, signature: '' },
  ],
  [
    told(
      'alg-none-signed',
      'alg none with a signature',
      'The same with something in the place of the signature.',
      'CWE-347',
    ),
    { header: { alg: 'none' }, signature: 'e30' },
  ],
  [
    told(
      'alg-none-case',
      'alg nOnE',
      'The same, spelled so that a block-list overlooks it.',
      'CWE-347, CVE-2015-9235',
    ),
    { header: { alg: 'nOnE' }, signature: '' },
  ],
  [
    told('alg-missing', 'no alg', 'A token without an algorithm.', 'CWE-347, RFC 7515 §4.1.1'),
    { header: { alg: undefined } },
  ],
  [
    told('alg-empty', 'an empty alg', 'The same with an empty one.', 'CWE-347'),
    { header: { alg: '' } },
  ],
  [
    told(
      'wrong-secret',
      'signed with another secret',
      'A token of somebody who does not know the secret.',
      'CWE-347',
    ),
    stranger,
  ],
  [
    told(
      'empty-secret',
      'signed with an empty secret',
      'A verifier whose secret is missing believes it.',
      'CWE-1391',
    ),
    { secret: '' },
  ],
  [
    told('common-secret', 'signed with "secret"', 'The secret of every tutorial.', 'CWE-798'),
    { secret: 'secret' },
  ],
  [
    told(
      'empty-signature',
      'an empty signature',
      'A verifier that compares as far as there is something to compare believes it.',
      'CWE-347, CVE-2020-28042',
    ),
    { signature: '' },
  ],
  [
    told(
      'jwk',
      'a key in the header (jwk)',
      'The token brings the key along that verifies it.',
      'CWE-347, RFC 8725 §3.10, CVE-2018-0114',
    ),
    { ...stranger, header: { jwk: hmacKey } },
  ],
  [
    told(
      'jku',
      'a key behind a URL (jku)',
      'The token says where its key can be fetched.',
      'CWE-918, RFC 8725 §3.10',
    ),
    { ...stranger, header: { jku: 'http://127.0.0.1:9/keys' } },
  ],
  [
    told(
      'x5u',
      'a certificate behind a URL (x5u)',
      'The same for a certificate.',
      'CWE-918, RFC 8725 §3.10',
    ),
    { ...stranger, header: { x5u: 'http://127.0.0.1:9/cert' } },
  ],
  [
    told(
      'kid-traversal',
      'a kid that is a path',
      'The key is read from a file that is empty.',
      'CWE-22, RFC 8725 §3.10',
    ),
    { secret: '', header: { kid: '../../../../dev/null' } },
  ],
  [
    told('kid-sql', 'a kid that is SQL', 'The key is what the statement makes of it.', 'CWE-89'),
    { secret: 'x', header: { kid: "' UNION SELECT 'x" } },
  ],
  [
    told(
      'rs256-as-hmac',
      'alg RS256 over an HMAC',
      'The algorithm says one thing, the key another.',
      'CWE-347, RFC 8725 §3.1',
    ),
    { header: { alg: 'RS256' } },
  ],
]

/** What only somebody can make who knows the secret. */
export const signed: readonly Forgery[] = [
  [
    told(
      'hs512',
      'HS512 with the right secret',
      'The algorithm is chosen by whoever verifies, not by the token.',
      'RFC 8725 §3.1',
    ),
    { header: { alg: 'HS512' }, hash: 'sha512' },
  ],
  [
    told('hs384', 'HS384 with the right secret', 'The same with another one.', 'RFC 8725 §3.1'),
    { header: { alg: 'HS384' }, hash: 'sha384' },
  ],
  [
    told(
      'crit',
      'an extension that must be understood (crit)',
      'Whoever does not know it may not believe the token.',
      'RFC 7515 §4.1.11',
    ),
    { header: { crit: ['exp'] } },
  ],
  [
    told(
      'crit-b64',
      'an unencoded payload (crit b64)',
      'What was signed is something else than what is read.',
      'RFC 7797 §6',
    ),
    { header: { b64: false, crit: ['b64'] } },
  ],
  [
    told(
      'assertion',
      'what the application gets (sallyport+jwt)',
      'An assertion that has leaked out of the application comes back in.',
      'RFC 8725 §3.11',
    ),
    { header: { typ: 'sallyport+jwt' } },
  ],
  [
    told(
      'at-without-session',
      'an access token of ours that names no session',
      'It would outlive every sign-out.',
      'CWE-613',
    ),
    { header: { typ: 'at+jwt' } },
  ],
  [
    told(
      'at-of-no-session',
      'an access token of ours whose session is not there',
      'The same with a session that has ended.',
      'CWE-613',
    ),
    { header: { typ: 'at+jwt' }, claims: { sid: 'no-such-session' } },
  ],
  [
    told(
      'other-type',
      'another kind of token (typ)',
      'Made for something else, with the same secret.',
      'RFC 8725 §3.11',
    ),
    { header: { typ: 'dpop+jwt' } },
  ],
  [
    told('no-exp', 'no exp', 'It would never end.', 'CWE-613, RFC 8725 §3.10'),
    { claims: { exp: undefined } },
  ],
  [
    told('exp-text', 'exp as text', 'Compared as text it is in the future for ever.', 'CWE-843'),
    { claims: { exp: '9999999999' } },
  ],
  [
    told('exp-huge', 'exp beyond all time', 'A number that no clock reaches.', 'CWE-190'),
    { claims: { exp: 1e300 } },
  ],
  [told('no-sub', 'no user', 'Nobody is named: not even an empty name may arrive.', 'CWE-287'), {}],
  [
    told(
      'sub-number',
      'a user that is no text',
      'A number, which some read as an index.',
      'CWE-843',
    ),
    {},
  ],
  [
    told(
      'sub-lines',
      'a user with a line break',
      'The name would end the header that it is written into.',
      'CWE-113',
    ),
    {},
  ],
]
