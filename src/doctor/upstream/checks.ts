import { clockSkewSeconds } from '../../authn/bearer/claims.ts'
import type { UpstreamConfig } from '../../config/types.ts'
import { once, skipped, warning, type Check, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { checkToken } from '../token/check.ts'
import { reasonOf } from '../wire/failure.ts'
import { judgeSkew, offsetByDate } from '../wire/skew.ts'
import { checkForwarded } from './forwarded.ts'
import { examineTarget, type AnsweringTarget } from './target.ts'

/** What is to be known of every target of every upstream. */
export function upstreamChecks(context: DoctorContext): readonly Check[] {
  return Object.values(context.config.upstreams).flatMap((upstream) =>
    upstream.targets.flatMap((origin) => targetChecks(upstream, origin, context)),
  )
}

function targetChecks(
  upstream: UpstreamConfig,
  origin: string,
  context: DoctorContext,
): readonly Check[] {
  const name = upstream.targets.length === 1 ? upstream.name : `${upstream.name} ${origin}`
  const examined = once(() => examineTarget(upstream, origin, context))
  const others = [
    ['token', (target: AnsweringTarget) => checkToken(target, context)],
    ['clock', checkClock],
    ['proxy headers', (target: AnsweringTarget) => checkForwarded(target, context)],
  ] as const
  let left: number = others.length
  const ask = async (
    check: (target: AnsweringTarget) => Finding | Promise<Finding>,
  ): Promise<Finding> => {
    const { target } = await examined()
    try {
      return target === null ? skipped('it does not answer') : await check(target)
    } catch (error) {
      return warning(
        `it answered before, and not this: ${reasonOf(error)}`,
        'Look at what FastAPI is doing; --path names another path to ask for.',
      )
    } finally {
      left -= 1
      if (left === 0) await target?.asker.close()
    }
  }
  return [
    { name: `upstream ${name}`, run: async () => (await examined()).finding },
    ...others.map(([what, check]) => ({ name: `${what} ${name}`, run: () => ask(check) })),
  ]
}

function checkClock({ first }: AnsweringTarget): Finding {
  const offset = offsetByDate(first)
  if (offset === null) return skipped('its answers have no Date')
  return judgeSkew("FastAPI's", offset, clockSkewSeconds * 1000)
}
