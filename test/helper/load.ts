import { Pool } from 'undici'

/** What went wrong under load, and how much went right. */
export interface Tally {
  answered: number
  /** One line for each request that did not get the status it should have got. */
  readonly failures: string[]
}

const pauseMs = 3

/** Asks over and over until stopped, each caller with a short pause. Nothing is retried: whatever fails is counted. */
export function startLoad(
  origin: string,
  calls: readonly { readonly headers: Record<string, string>; readonly expect: number }[],
): { readonly tally: Tally; readonly stop: () => Promise<void> } {
  const tally: Tally = { answered: 0, failures: [] }
  const pool = new Pool(origin, { connections: calls.length, pipelining: 1 })
  let isOver = false
  const callers = calls.map(async ({ headers, expect }) => {
    while (!isOver) {
      try {
        const reply = await pool.request({ path: '/api/x', method: 'GET', headers })
        const text = await reply.body.text()
        if (reply.statusCode === expect) tally.answered += 1
        else tally.failures.push(`${reply.statusCode} instead of ${expect}: ${text.slice(0, 300)}`)
      } catch (error) {
        tally.failures.push(String((error as NodeJS.ErrnoException).code ?? error))
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  })
  return {
    tally,
    stop: async () => {
      isOver = true
      await Promise.all(callers)
      await pool.destroy()
    },
  }
}
