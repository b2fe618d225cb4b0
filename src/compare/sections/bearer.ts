import type { BearerConfig, GatewayConfig, IssuerConfig } from '../../config/types.ts'
import { toChange, type Finding } from '../change.ts'
import {
  amount,
  applyRules,
  demand,
  finding,
  flag,
  grant,
  plain,
  rule,
  trust,
  type Rule,
} from '../rules.ts'
import { added, duration } from '../values.ts'

/** Tokens and keys that clients may bring. */
export const bearerRules: readonly Rule<GatewayConfig>[] = [
  rule('bearer.secrets', ({ bearer }) => bearer.secrets, judgeSecrets),
  amount('bearer.ttl', 'bearer.ttlMs', ({ bearer }) => bearer.ttlMs, {
    write: duration,
    more: 'loosens',
  }),
  amount('bearer.maxLifetime', 'bearer.maxLifetimeMs', ({ bearer }) => bearer.maxLifetimeMs, {
    write: duration,
    more: 'loosens',
  }),
  plain('bearer.userClaim', 'bearer.userClaim', ({ bearer }) => bearer.userClaim, 'loosens'),
  grant('bearer.rolesClaim', 'bearer.rolesClaim', ({ bearer }) => bearer.rolesClaim),
  grant('bearer.scopesClaim', 'bearer.scopesClaim', ({ bearer }) => bearer.scopesClaim),
  demand('bearer.issuer', 'bearer.issuer', ({ bearer }) => bearer.issuer),
  demand('bearer.audience', 'bearer.audience', ({ bearer }) => bearer.audience),
  flag('bearer.requireUser', 'bearer.requireUser', ({ bearer }) => bearer.requireUser, {
    on: 'a token of another signer must name a user who exists and is not banned',
    off: 'a token of another signer may name anybody',
    turnedOn: 'tightens',
  }),
  rule('bearer.jwks', ({ bearer }) => bearer.jwks, judgeIssuers),
  flag('bearer.sessionTokens', 'bearer.sessionTokens', ({ bearer }) => bearer.sessionTokens, {
    on: 'signed session tokens are bearer tokens',
    off: 'session tokens are no bearer tokens',
    turnedOn: 'loosens',
  }),
  flag('bearer.apiKeys', 'bearer.apiKeys', ({ bearer }) => bearer.apiKeys, {
    on: '`x-api-key` is a credential, and users may make keys',
    off: '`x-api-key` is a header like any other',
    turnedOn: 'loosens',
  }),
]

/** Says what happens to the tokens that there are, and nothing of the secrets. */
function judgeSecrets(
  before: BearerConfig['secrets'],
  after: BearerConfig['secrets'],
): readonly Finding[] {
  const gone = added(after, before).length
  const fresh = added(before, after).length
  const isRotated = before[0] !== after[0]
  const parts = [
    ...(isRotated ? ['another one signs what FastAPI and browsers get'] : []),
    ...(fresh > 0 ? ['tokens that are signed with what is new are accepted'] : []),
    ...(gone > 0 ? ['tokens that were signed with what is gone are refused'] : []),
  ]
  const verb = isRotated ? ' rotated: ' : ': '
  const text =
    parts.length === 0 ? 'the order of those that only verify is another one' : parts.join('; ')
  return [finding('changes', 'bearer.secret', '', `${verb}${text}`)]
}

/** Each issuer is there once. */
function judgeIssuers(
  before: readonly IssuerConfig[],
  after: readonly IssuerConfig[],
): readonly Finding[] {
  const key = 'bearer.jwks'
  const issuers = [before, after].map((all) => all.map(({ issuer }) => issuer))
  const [old = [], next = []] = issuers
  return [
    ...added(old, next).map((name) =>
      finding('loosens', key, `+${name}`, `: tokens of ${name} are now accepted`),
    ),
    ...added(next, old).map((name) =>
      finding('tightens', key, `-${name}`, `: tokens of ${name} are no longer accepted`),
    ),
    ...before.flatMap((a) => {
      const b = after.find(({ issuer }) => issuer === a.issuer)
      if (b === undefined) return []
      return applyRules(issuerRules, a, b, key).map((each) => ofIssuer(each, a.issuer))
    }),
  ]
}

function ofIssuer(found: Finding, issuer: string): Finding {
  const { message } = toChange(found, issuer)
  return { ...found, mark: `${found.mark} ${issuer}`, say: () => message }
}

const issuerRules: readonly Rule<IssuerConfig>[] = [
  plain('bearer.jwks.url', 'url', ({ url }) => url, 'loosens'),
  plain('bearer.jwks.audience', 'audience', ({ audience }) => audience, 'loosens'),
  trust('bearer.jwks.algorithms', 'algorithms', ({ algorithms }) => algorithms, 'accepted'),
  plain('bearer.jwks.userClaim', 'userClaim', ({ userClaim }) => userClaim, 'loosens'),
  grant('bearer.jwks.rolesClaim', 'rolesClaim', ({ rolesClaim }) => rolesClaim),
  grant('bearer.jwks.scopesClaim', 'scopesClaim', ({ scopesClaim }) => scopesClaim),
  flag('bearer.jwks.sessions', 'sessions', ({ sessions }) => sessions, {
    on: 'its tokens end with their session',
    off: 'its tokens outlive their session',
    turnedOn: 'tightens',
  }),
]
