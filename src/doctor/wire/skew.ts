import { ok, problem, warning, type Finding } from '../check.ts'
import type { Heard } from './ask.ts'

/** How far another clock is ahead of ours: somewhere between these two, milliseconds. */
export interface Offset {
  readonly fromMs: number
  readonly toMs: number
}

const noticeableMs = 1000
// `Date` has whole seconds (RFC 9110 §5.6.7), and uvicorn makes it once a second.
const dateGrainMs = 2000

/** What a clock that was read between two moments of ours says of the other one. */
export function offsetOf(
  theirsMs: number,
  ours: { readonly sentAtMs: number; readonly heardAtMs: number },
): Offset {
  return { fromMs: theirsMs - ours.heardAtMs, toMs: theirsMs - ours.sentAtMs }
}

/** The offset by the `Date` of an answer; null where it has none. */
export function offsetByDate(heard: Heard): Offset | null {
  const dateMs = Date.parse(heard.headers['date'] ?? '')
  if (Number.isNaN(dateMs)) return null
  const { fromMs, toMs } = offsetOf(dateMs, heard)
  return { fromMs, toMs: toMs + dateGrainMs }
}

/**
 * Judges how far two clocks surely are from each other.
 * @param toleratedMs from where on tokens are refused
 */
export function judgeSkew(whose: string, { fromMs, toMs }: Offset, toleratedMs: number): Finding {
  const surelyMs = fromMs > 0 ? fromMs : toMs < 0 ? toMs : 0
  const amountMs = Math.abs(surelyMs)
  if (amountMs <= noticeableMs) return ok(`${whose} clock agrees with ours`)
  const seconds = (amountMs / 1000).toFixed(amountMs < 10_000 ? 1 : 0)
  const seen = `${whose} clock is ${seconds} s ${surelyMs > 0 ? 'ahead of' : 'behind'} ours`
  const advice = 'Keep both machines in time with NTP (chrony or systemd-timesyncd).'
  if (amountMs <= toleratedMs) return warning(seen, advice)
  return problem(`${seen}, and ${toleratedMs / 1000} s are tolerated`, advice)
}
