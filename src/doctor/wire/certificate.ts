import { ok, problem, warning, type Finding } from '../check.ts'

/** The dates of a certificate, milliseconds since the epoch. */
export interface CertificateDates {
  readonly fromMs: number
  readonly toMs: number
}

const dayMs = 86_400_000
const soonMs = 14 * dayMs

/**
 * What the dates of a certificate say. It is near its end in its last 14 days, or in the last third of a shorter life.
 * @param whose `its certificate` or the key of the configuration
 */
export function judgeDates(whose: string, dates: CertificateDates, nowMs: number): Finding {
  const { fromMs, toMs } = dates
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  if (nowMs >= toMs) {
    return problem(
      `${whose} has expired on ${day(toMs)}`,
      'Renew the certificate; what renews it by itself has stopped doing so.',
    )
  }
  if (nowMs < fromMs) {
    return problem(
      `${whose} is not valid before ${day(fromMs)}`,
      'Set the clock of this machine, or wait with the new certificate.',
    )
  }
  const left = toMs - nowMs
  const days = Math.floor(left / dayMs)
  const seen = `${whose} expires on ${day(toMs)}, in ${days} ${days === 1 ? 'day' : 'days'}`
  if (left >= Math.min(soonMs, (toMs - fromMs) / 3)) return ok(seen)
  return warning(seen, 'Renew the certificate, and see why it was not renewed by itself.')
}
