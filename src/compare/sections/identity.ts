import type { ClaimConfig, GatewayConfig, IdentityConfig, TokenConfig } from '../../config/types.ts'
import { isSame, type Finding } from '../change.ts'
import { amount, applyRules, finding, plain, rule, type Rule } from '../rules.ts'
import { added, duration, list } from '../values.ts'

/** What FastAPI sees of the caller. */
export const identityRules: readonly Rule<GatewayConfig>[] = [
  rule('identity.headers', ({ identity }) => identity.headers, judgeHeaders),
  rule('identity.token', ({ identity }) => ({ token: identity.token }), judgeToken),
]

/** A header that is no longer ours is one that clients may send: an application that still believes it is deceived. */
function judgeHeaders(
  before: IdentityConfig['headers'],
  after: IdentityConfig['headers'],
): readonly Finding[] {
  const key = 'identity.headers'
  const [old, next] = [byName(before), byName(after)]
  const names = [[...old.keys()], [...next.keys()]] as const
  const [a, b] = names
  return [
    ...added(a, b).map((name) => {
      const text = `: FastAPI gets \`${name}\` (${next.get(name) ?? ''})`
      return finding('changes', key, `+${name}`, text)
    }),
    ...added(b, a).map((name) => {
      const text = `: FastAPI no longer gets \`${name}\` from the gateway, and a client can send its own`
      return finding('loosens', key, `-${name}`, text)
    }),
    ...a
      .filter((name) => next.has(name) && next.get(name) !== old.get(name))
      .map((name) => {
        const text = `: \`${name}\` is ${next.get(name) ?? ''} (was: ${old.get(name) ?? ''})`
        return finding('changes', key, `=${name}`, text)
      }),
  ]
}

/** Names in lower case: to HTTP they are the same in any. */
function byName(headers: IdentityConfig['headers']): ReadonlyMap<string, string> {
  return new Map(headers.map(({ name, source }) => [name.toLowerCase(), source]))
}

function judgeToken(
  { token: a }: { token: TokenConfig | null },
  { token: b }: { token: TokenConfig | null },
): readonly Finding[] {
  const key = 'identity.token'
  if (b === null) return [finding('changes', key, '=none', ' is none: FastAPI gets no token')]
  if (a === null) return [finding('changes', key, '', ' is new: FastAPI gets a token')]
  return applyRules(tokenRules, a, b, key)
}

const tokenRules: readonly Rule<TokenConfig>[] = [
  plain('identity.token.profile', 'profile', ({ profile }) => profile),
  amount('identity.token.ttl', 'ttlMs', ({ ttlMs }) => ttlMs, { write: duration, more: 'loosens' }),
  plain('identity.token.subject', 'subject', ({ subject }) => subject),
  plain('identity.token.scheme', 'scheme', ({ scheme }) => scheme),
  plain('identity.token.subjectClaim', 'subjectClaim', ({ subjectClaim }) => subjectClaim),
  plain('identity.token.issuer', 'issuer', ({ issuer }) => issuer),
  plain('identity.token.audience', 'audience', ({ audience }) =>
    audience === null ? null : list([audience].flat()),
  ),
  plain('identity.token.standardClaims', 'standardClaims', ({ standardClaims }) =>
    list(standardClaims.toSorted()),
  ),
  rule(
    'constants',
    ({ constants }) => constants,
    (a, b) =>
      [...new Set([...Object.keys(a), ...Object.keys(b)])]
        .filter((name) => !isSame(a[name], b[name]))
        .map((name) =>
          finding(
            'changes',
            'identity.token.claims',
            `:${name}`,
            `: the constant \`${name}\` is another one`,
          ),
        ),
  ),
  rule(
    'claims',
    (token) => claimsOf(token),
    (a, b) =>
      [...new Set([...Object.keys(a), ...Object.keys(b)])]
        .filter((name) => a[name] !== b[name])
        .map((name) => judgeClaim(name, a[name], b[name])),
  ),
]

function judgeClaim(name: string, before: string | undefined, after: string | undefined): Finding {
  const key = 'identity.token.claims'
  if (after === undefined)
    return finding('changes', key, `-${name}`, `: the token no longer says \`${name}\``)
  return before === undefined
    ? finding('changes', key, `+${name}`, `: the token says \`${name}\` (${after})`)
    : finding('changes', key, `=${name}`, `: \`${name}\` is ${after} (was: ${before})`)
}

/** What each claim says. A constant comes from the file, where it may have come from the environment: it is not shown. */
function claimsOf({ claims }: TokenConfig): Readonly<Record<string, string>> {
  const read = ({ source, as }: ClaimConfig): string =>
    as === 'text' ? source : `${source} as ${as}`
  return Object.fromEntries(claims.map((claim) => [claim.name, read(claim)]))
}
