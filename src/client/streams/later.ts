import { isAwake, onWake } from '../core/wake.ts'

/** Back-off: a second, and then twice as long each time, up to these, milliseconds. */
const mostMs = 30_000
/** Nobody is looking, or there is no network: what changes either is heard of. */
const mostAsideMs = 300_000

/**
 * Calls back once, the later the more attempts there have been; soon when the page wakes. Never exactly: whoever lost the network at the
 * same time must not come back at the same time.
 * @param attempt 0 for the first
 * @param leastMs what the gateway asked for
 * @param stop cancels it; aborted when it is done
 */
export function later(
  attempt: number,
  action: () => void,
  leastMs: number,
  stop: AbortController,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        if (stop.signal.aborted) return
        stop.abort()
        action()
      },
      Math.max(ms * (0.5 + Math.random() / 2), leastMs),
    )
  }
  onWake(() => {
    wait(1000)
  }, stop.signal)
  wait(Math.min(1000 * 2 ** attempt, isAwake() ? mostMs : mostAsideMs))
}
