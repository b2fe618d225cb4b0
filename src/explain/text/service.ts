import type { CacheView, Explanation, LimitsView } from '../explanation.ts'
import type { Line } from './render.ts'
import { duration, size } from './units.ts'

/** Where it goes, within which bounds, and what is remembered. */
export function aboutService(explanation: Explanation): readonly Line[] {
  const { upstream, file, limits, cache } = explanation
  return [
    ...aboutTargets(upstream),
    ...(file === null ? [] : [['folder', file.dir] as const]),
    ...(limits === null ? [] : aboutLimits(limits)),
    ...aboutTimes(upstream),
    ...aboutCache(cache),
  ]
}

function aboutTargets(upstream: Explanation['upstream']): readonly Line[] {
  if (upstream === null) return []
  const { urls, balance, maxInFlight, retries, breaker } = upstream
  const choice = urls.length > 1 ? ` (${balance})` : ''
  const more = [
    `${maxInFlight} at once`,
    retries === 0 ? 'no second try' : `${retries + 1} tries where nothing was sent`,
    ...(breaker ? ['breaker'] : []),
  ]
  return [
    ...urls.map((url, index): Line => [index === 0 ? 'target' : '', `${url}${choice}`]),
    ['upstream', more.join(', ')],
  ]
}

function aboutLimits({ bodyBytes, rate }: LimitsView): readonly Line[] {
  const counted = rate?.key == null ? '' : `, counted as ${rate.key}`
  const text =
    rate === null
      ? 'no rate limit'
      : `${rate.requests} requests per ${duration(rate.perMs)} by ${rate.by}${counted}`
  return [['limits', `body ${size(bodyBytes)}; ${text}`]]
}

function aboutTimes(upstream: Explanation['upstream']): readonly Line[] {
  if (upstream === null) return []
  const { connectMs, firstByteMs, idleMs, streamIdleMs } = upstream.timeout
  const never = (ms: number): string => (ms === 0 ? 'never' : duration(ms))
  const text = `connect ${duration(connectMs)}, first byte ${duration(firstByteMs)}, idle ${never(idleMs)}, idle event stream ${never(streamIdleMs)}`
  const { websocket } = upstream
  const idle = websocket === null ? '' : `idle ${never(websocket.idleMs)}`
  return [
    ['time-outs', text],
    ...(websocket === null
      ? []
      : [['websocket', `messages up to ${size(websocket.maxMessageBytes)}, ${idle}`] as const]),
  ]
}

function aboutCache({ callerMs, assertionMs }: CacheView): readonly Line[] {
  const caller = callerMs === null ? 'the caller not' : `the caller for ${duration(callerMs)}`
  const token = assertionMs === null ? 'no token' : `the token for ${duration(assertionMs)}`
  return callerMs === null && assertionMs === null ? [] : [['remembers', `${caller}, ${token}`]]
}
