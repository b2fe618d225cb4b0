import type { GatewayConfig, ListenAddress, RedisConfig, VerifyConfig } from '../../config/types.ts'
import { amount, applyRules, finding, hidden, plain, rule, trust, type Rule } from '../rules.ts'
import type { Finding } from '../change.ts'
import { duration } from '../values.ts'

const { loosens, tightens } = { loosens: 'loosens', tightens: 'tightens' } as const

/** Where the gateway listens, whom it believes, and what it shares. */
export const serverRules: readonly Rule<GatewayConfig>[] = [
  rule('server.listen', ({ server }) => server.listen, judgeListen('server.listen')),
  rule(
    'server.publicUrl',
    ({ server }) => server.publicUrl,
    (a, b) => {
      const isWorse = a.startsWith('https:') && b.startsWith('http:')
      const note = isWorse ? ': session cookies travel in the clear' : ''
      const kind = isWorse ? loosens : 'changes'
      return finding(kind, 'server.publicUrl', `=${b}`, ` from ${a} to ${b}${note}`)
    },
  ),
  trust('server.hosts', 'server.hosts', ({ server }) => server.hosts, 'accepted as Host'),
  trust(
    'server.trustedProxies',
    'server.trustedProxies',
    ({ server }) => server.trustedProxies,
    'believed about client addresses',
  ),
  rule(
    'server.tls',
    ({ server }) => ({ tls: server.tls }),
    ({ tls: a }, { tls: b }) => {
      if (b === null) return finding(loosens, 'server.tls', '=null', ' is gone: plain HTTP')
      return a === null
        ? finding(tightens, 'server.tls', '', ' is new: HTTPS')
        : finding('changes', 'server.tls', '', ' names other files')
    },
  ),
  ...(['connections', 'requestsPerClient', 'streamsPerClient'] as const).map((name) =>
    amount<GatewayConfig>(
      `server.limits.${name}`,
      `server.limits.${name}`,
      ({ server }) => server.limits[name],
      { write: String, more: loosens },
    ),
  ),
  ...(['drain', 'grace'] as const).map((name) =>
    amount<GatewayConfig>(
      `server.shutdown.${name}`,
      `server.shutdown.${name}Ms`,
      ({ server }) => server.shutdown[`${name}Ms`],
      { write: duration },
    ),
  ),
  rule(
    'admin',
    ({ admin }) => [admin === null],
    (_, [isOff]) =>
      isOff === true
        ? finding('changes', 'admin', '=none', ' is off')
        : finding('changes', 'admin', '', ' is on'),
  ),
  rule('admin.listen', ({ admin }) => admin?.listen ?? null, judgeListen('admin.listen')),
  rule('redis', ({ redis }) => ({ redis }), judgeRedis),
  rule('verify', ({ verify }) => ({ verify }), judgeVerify),
  plain('pages.name', 'pages.name', ({ pages }) => pages.name),
  hidden('pages.logo', 'pages.logoFile', ({ pages }) => pages.logoFile, 'is another image'),
]

/** A door that only this machine could reach and others can now is looser. */
function judgeListen(key: string): (before: ListenAddress, after: ListenAddress) => Finding {
  return (before, after) => {
    const isWider = isLoopback(before) && !isLoopback(after)
    const note = isWider ? ': others than this machine can connect' : ''
    const kind = isWider ? loosens : 'changes'
    return finding(
      kind,
      key,
      `=${toText(after)}`,
      ` from ${toText(before)} to ${toText(after)}${note}`,
    )
  }
}

function isLoopback({ host }: ListenAddress): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)
}

function toText({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The URL may hold a password, so that no part of it is shown. */
function judgeRedis(
  { redis: a }: { redis: RedisConfig | null },
  { redis: b }: { redis: RedisConfig | null },
): Finding {
  if (a === null)
    return finding('changes', 'redis', '', ' is new: limits and revocations are shared through it')
  return b === null
    ? finding('changes', 'redis', '=', ' is gone: each gateway counts limits for itself')
    : finding('changes', 'redis', '', ' is another one')
}

function judgeVerify(
  { verify: a }: { verify: VerifyConfig | null },
  { verify: b }: { verify: VerifyConfig | null },
): readonly Finding[] {
  if (b === null) return [finding(tightens, 'verify', '=null', ' is gone: no other proxy may ask')]
  if (a === null) {
    const from = b.from.join(', ')
    return [
      finding(
        loosens,
        'verify',
        `=${from}`,
        ` is new: proxies at ${from} may ask who a request is from`,
      ),
    ]
  }
  return applyRules(verifyRules, a, b, 'verify')
}

const verifyRules: readonly Rule<VerifyConfig>[] = [
  trust('verify.from', 'from', ({ from }) => from, 'allowed to ask, and to say who a client is'),
  plain('verify.dialect', 'dialect', ({ dialect }) => dialect),
]
