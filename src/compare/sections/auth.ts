import type { AuthConfig, DatabaseConfig, GatewayConfig, SignUpPolicy } from '../../config/types.ts'
import type { Finding } from '../change.ts'
import {
  amount,
  applyRules,
  finding,
  flag,
  hidden,
  plain,
  rule,
  trust,
  type Rule,
} from '../rules.ts'
import { added, duration } from '../values.ts'

/** Accounts, sessions and the ways to sign in. */
export const authRules: readonly Rule<GatewayConfig>[] = [
  plain('auth.mode', 'auth.mode', ({ auth }) => auth.mode),
  plain('auth.path', 'auth.path', ({ auth }) => auth.path),
  rule('auth.secrets', ({ auth }) => auth.secrets, judgeSecrets),
  rule('auth.database', ({ auth }) => auth.database, judgeDatabase),
  hidden('auth.module', 'auth.module', ({ auth }) => auth.module, 'is another file'),
  amount(
    'auth.session.lifetime',
    'auth.session.lifetimeMs',
    ({ auth }) => auth.session.lifetimeMs,
    {
      write: duration,
      more: 'loosens',
    },
  ),
  amount(
    'auth.session.refreshAfter',
    'auth.session.refreshAfterMs',
    ({ auth }) => auth.session.refreshAfterMs,
    { write: duration },
  ),
  amount('auth.session.cache', 'auth.session.cacheMs', ({ auth }) => auth.session.cacheMs, {
    write: duration,
    more: 'loosens',
  }),
  plain('auth.session.store', 'auth.session.store', ({ auth }) => auth.session.store),
  flag('auth.signIn.email', 'auth.signIn.email', ({ auth }) => auth.signIn.email, {
    on: 'people sign in with e-mail and password',
    off: 'nobody signs in with e-mail and password',
    turnedOn: 'loosens',
  }),
  rule('auth.signIn.social', ({ auth }) => auth.signIn.social, judgeSocial),
  rule('auth.signUp', ({ auth }) => auth.signUp, judgeSignUp),
  plain('auth.loginPage', 'auth.loginPage', ({ auth }) => auth.loginPage),
  trust(
    'auth.trustedOrigins',
    'auth.trustedOrigins',
    ({ auth }) => auth.trustedOrigins,
    'allowed to send requests with cookies',
  ),
  rule('auth.remote', ({ auth }) => ({ remote: auth.remote }), judgeRemote),
]

/** Says what happens to the sessions that there are, and nothing of the secrets. */
function judgeSecrets(before: readonly string[], after: readonly string[]): Finding {
  const [signing = ''] = before
  if (before.length > 0 && !after.includes(signing)) {
    return finding(
      'changes',
      'auth.secret',
      '',
      ': cookie secrets changed (everybody is signed out)',
    )
  }
  const isRotated = signing !== after[0]
  const dropped = added(after, before).length
  const what = isRotated
    ? ' rotated: another one signs, nobody is signed out'
    : ': the list is another one'
  const ended = dropped === 0 ? '' : '; cookies that were signed with what is gone end'
  return finding('changes', 'auth.secret', '', `${what}${ended}`)
}

function judgeDatabase(before: DatabaseConfig, after: DatabaseConfig): Finding {
  const what = before.kind === after.kind ? '' : ` (${before.kind} to ${after.kind})`
  return finding(
    'changes',
    'auth.database',
    '',
    ` is another one${what}: its users and sessions count`,
  )
}

function judgeSocial(
  before: AuthConfig['signIn']['social'],
  after: AuthConfig['signIn']['social'],
): readonly Finding[] {
  const key = 'auth.signIn.social'
  const [old, next] = [Object.keys(before), Object.keys(after)]
  return [
    ...added(old, next).map((name) =>
      finding('loosens', key, `+${name}`, `: people sign in with ${name}`),
    ),
    ...added(next, old).map((name) =>
      finding('tightens', key, `-${name}`, `: nobody signs in with ${name}`),
    ),
    ...next
      .filter(
        (name) =>
          old.includes(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
      )
      .map((name) => finding('changes', `${key}.${name}`, '', ' has another client id or secret')),
  ]
}

const signUpRank = { closed: 0, domains: 1, open: 2 } as const

function judgeSignUp(before: SignUpPolicy, after: SignUpPolicy): readonly Finding[] {
  const key = 'auth.signUp'
  if (before.kind === 'domains' && after.kind === 'domains') {
    return [
      ...added(before.domains, after.domains).map((domain) =>
        finding('loosens', key, `+${domain}`, `: addresses at ${domain} may sign up`),
      ),
      ...added(after.domains, before.domains).map((domain) =>
        finding('tightens', key, `-${domain}`, `: addresses at ${domain} may no longer sign up`),
      ),
    ]
  }
  const kind = signUpRank[after.kind] > signUpRank[before.kind] ? 'loosens' : 'tightens'
  const [a, b] = [signUpText(before), signUpText(after)]
  return [finding(kind, key, `=${b}`, ` from ${a} to ${b}`)]
}

function signUpText(policy: SignUpPolicy): string {
  return policy.kind === 'domains' ? `domains ${policy.domains.join(', ')}` : policy.kind
}

function judgeRemote(
  { remote: a }: { remote: AuthConfig['remote'] },
  { remote: b }: { remote: AuthConfig['remote'] },
): readonly Finding[] {
  if (a === null || b === null) {
    const text =
      b === null ? ' is gone: Better Auth runs here' : ` is new: Better Auth runs at ${b.url}`
    return [finding('changes', 'auth.url', '', text)]
  }
  return applyRules(remoteRules, a, b, 'auth')
}

const remoteRules: readonly Rule<NonNullable<AuthConfig['remote']>>[] = [
  plain('auth.url', 'url', ({ url }) => url),
  plain('auth.cookie', 'cookie', ({ cookie }) => cookie),
  rule(
    'pushSecret',
    ({ pushSecret }) => [pushSecret],
    ([a = null], [b = null]) => {
      if (a !== null && b !== null)
        return finding('changes', 'auth.pushSecret', '', ' is another one')
      return b === null
        ? finding(
            'loosens',
            'auth.pushSecret',
            '=null',
            ' is gone: revocations elsewhere are noticed later',
          )
        : finding('tightens', 'auth.pushSecret', '', ' is new: revocations elsewhere are pushed')
    },
  ),
]
