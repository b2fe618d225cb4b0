/** A published weakness of a package that this gateway uses, or that a gateway is often built on. */
export interface Advisory {
  readonly id: string
  readonly package: string
  /** A version is affected that is in one of these; `from` is in it, `below` is not. */
  readonly affected: readonly { readonly from?: string; readonly below: string }[]
  readonly what: string
}

/** When the table was last held against what is published; ISO 8601. */
export const advisoriesCheckedOn = '2026-11-23'

const below = (version: string): Advisory['affected'] => [{ below: version }]
/** Where the line of 1.7 had begun before the one of 1.6 was mended. */
const belowOrBeta = (version: string): Advisory['affected'] => [
  { below: version },
  { from: '1.7.0-beta.0', below: '1.7.0-beta.4' },
]
const auth = 'better-auth'
const proxy = '@fastify/http-proxy'

export const advisories: readonly Advisory[] = [
  {
    id: 'CVE-2025-61928',
    package: auth,
    affected: below('1.3.26'),
    what: 'anybody can make API keys for any user',
  },
  {
    id: 'GHSA-569q-mpph-wgww',
    package: auth,
    affected: below('1.4.2'),
    what: 'without a base URL the first request decides the origin',
  },
  {
    id: 'GHSA-xg6x-h9c9-2m83',
    package: auth,
    affected: below('1.4.9'),
    what: 'the second factor can be passed by with the cookie cache',
  },
  {
    id: 'CVE-2026-45364',
    package: auth,
    affected: below('1.4.17'),
    what: 'the rate limit can be passed by with other spellings of an IPv6 address',
  },
  {
    id: 'GHSA-2vg6-77g8-24mp',
    package: auth,
    affected: below('1.6.11'),
    what: 'sessions in Redis outlive their deleted user',
  },
  {
    id: 'GHSA-g38m-r43w-p2q7',
    package: auth,
    affected: below('1.6.11'),
    what: 'a social account is linked to an account whose address nobody has confirmed',
  },
  {
    id: 'CVE-2026-45337',
    package: auth,
    affected: below('1.6.11'),
    what: 'any session can approve a device',
  },
  {
    id: 'GHSA-pw9m-5jxm-xr6h',
    package: auth,
    affected: belowOrBeta('1.6.11'),
    what: 'refresh tokens of its OIDC and MCP providers can be replayed',
  },
  {
    id: 'GHSA-86j7-9j95-vpqj',
    package: auth,
    affected: belowOrBeta('1.6.13'),
    what: 'its OIDC and MCP providers redirect to scripts',
  },
  {
    id: 'GHSA-fmh4-wcc4-5jm3',
    package: auth,
    affected: below('1.6.14'),
    what: 'an invitation to an organization can make an owner',
  },
  {
    id: 'GHSA-qq9h-g4jm-xgf3',
    package: auth,
    affected: below('1.6.22'),
    what: 'an account can be prepared for somebody who signs in by magic link or code later',
  },
  {
    id: 'CVE-2026-41427',
    package: '@better-auth/oauth-provider',
    affected: below('1.6.5'),
    what: 'clients get more than they may have',
  },
  {
    id: 'GHSA-5rr4-8452-hf4v',
    package: '@better-auth/sso',
    affected: belowOrBeta('1.6.11'),
    what: 'registering a provider makes the server ask any address',
  },
  {
    id: 'CVE-2026-109924',
    package: 'undici',
    affected: [{ from: '8.0.0', below: '8.12.2' }],
    what: 'see the advisory',
  },
  {
    id: 'CVE-2026-107318',
    package: '@fastify/reply-from',
    affected: below('12.7.0'),
    what: 'certificates of upstreams are not verified',
  },
  {
    id: 'CVE-2026-120213',
    package: proxy,
    affected: below('11.6.10'),
    what: 'a parameter in rewritePrefix leads out of the prefix',
  },
  {
    id: 'CVE-2026-127060',
    package: proxy,
    affected: below('11.6.10'),
    what: 'a dot segment behind a semicolon leads out of the prefix',
  },
  {
    id: 'CVE-2026-130647',
    package: proxy,
    affected: below('11.6.10'),
    what: 'a WebSocket can end the process',
  },
  {
    id: 'CVE-2026-133111',
    package: proxy,
    affected: below('11.6.10'),
    what: 'WebSocket handshakes of other sites pass, because Origin is dropped',
  },
]
