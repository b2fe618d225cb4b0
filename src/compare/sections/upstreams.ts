import type { GatewayConfig, UpstreamConfig } from '../../config/types.ts'
import type { Finding } from '../change.ts'
import { amount, applyRules, finding, hidden, plain, rule, type Rule } from '../rules.ts'
import { added, duration, list } from '../values.ts'

type Upstreams = GatewayConfig['upstreams']

/** The FastAPI servers, each by its name. */
export function compareUpstreams(before: Upstreams, after: Upstreams): readonly Finding[] {
  const [old, next] = [Object.keys(before), Object.keys(after)]
  return [
    ...added(old, next).map((name) =>
      finding('changes', `upstreams.${name}`, '', ` is new: ${list(after[name]?.targets ?? [])}`),
    ),
    ...added(old, next)
      .filter((name) => after[name]?.sessionCookie === 'forward')
      .map((name) => judgeCookie(`upstreams.${name}`, 'forward')),
    ...added(next, old).map((name) => finding('changes', `upstreams.${name}`, '=', ' is gone')),
    ...old.flatMap((name) => {
      const [a, b] = [before[name], after[name]]
      return a === undefined || b === undefined
        ? []
        : applyRules(rulesOf(`upstreams.${name}`), a, b, `upstreams.${name}`)
    }),
  ]
}

function rulesOf(key: string): readonly Rule<UpstreamConfig>[] {
  return [
    rule('targets', ({ targets }) => targets.toSorted(), judgeTargets(key)),
    plain(`${key}.balance`, 'balance', ({ balance }) => balance),
    ...(['connect', 'firstByte', 'idle'] as const).map((name) =>
      amount<UpstreamConfig>(
        `${key}.timeout.${name}`,
        `timeout.${name}Ms`,
        ({ timeout }) => timeout[`${name}Ms`],
        { write: duration },
      ),
    ),
    amount(`${key}.timeout.stream`, 'timeout.streamIdleMs', ({ timeout }) => timeout.streamIdleMs, {
      write: duration,
    }),
    amount(`${key}.retry.attempts`, 'retry.attempts', ({ retry }) => retry.attempts, {
      write: String,
    }),
    amount(`${key}.maxInFlight`, 'maxInFlight', ({ maxInFlight }) => maxInFlight, {
      write: String,
    }),
    cookieRule(key),
    rule(
      'breaker',
      ({ breaker }) => [breaker],
      ([a = null], [b = null]) => finding('changes', `${key}.breaker`, '', presence(a, b)),
    ),
    rule(
      'health',
      ({ health }) => [health],
      ([a = null], [b = null]) => finding('changes', `${key}.health`, '', presence(a, b)),
    ),
    hidden(
      `${key}.tls`,
      'tls',
      ({ tls }) => tls,
      'is different: who FastAPI must prove to be, or who we are to it',
    ),
  ]
}

/** Something that is turned on, off, or set otherwise. */
function presence(before: unknown, after: unknown): string {
  if (after === null) return ' is off'
  return before === null ? ' is on' : ' has other values'
}

function cookieRule(key: string): Rule<UpstreamConfig> {
  return rule(
    'sessionCookie',
    ({ sessionCookie }) => sessionCookie,
    (_, next) => judgeCookie(key, next),
  )
}

function judgeCookie(key: string, next: UpstreamConfig['sessionCookie']): Finding {
  const [kind, what] =
    next === 'forward'
      ? (['loosens', 'session cookies travel there, and it may set them'] as const)
      : (['tightens', 'no session cookie travels there, and it may set none'] as const)
  return finding(kind, `${key}.sessionCookie`, `=${next}`, ` is now ${next}: ${what}`)
}

function judgeTargets(key: string): (a: readonly string[], b: readonly string[]) => Finding {
  return (before, after) => {
    const isWorse = before.every(isEncrypted) && !after.every(isEncrypted)
    const note = isWorse ? ': what goes there travels in the clear' : ''
    const text = ` from ${list(before)} to ${list(after)}${note}`
    return finding(isWorse ? 'loosens' : 'changes', `${key}.targets`, `=${list(after)}`, text)
  }
}

function isEncrypted(target: string): boolean {
  return target.startsWith('https:')
}
