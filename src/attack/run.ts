import type { Case, Result, Seen } from './case.ts'
import type { Range } from './stage/stage.ts'
import { readAnswers } from './wire/answers.ts'
import { fire } from './wire/client.ts'

/** What is still on its way when the last connection has ended is noted by then, milliseconds. */
const settleMs = 100

/**
 * Fires cases, one after the other, and judges them when all of them are over. Rejects when nobody listens.
 * @param onFired is told of each case when it has been fired
 */
export async function runCases(cases: readonly Case[], range: Range): Promise<readonly Result[]> {
  const texts = new Map<Case, string>()
  for (const each of cases) {
    if (each.skip !== undefined) continue
    range.aim(each.requestId, each.shot.answer ?? null)
    texts.set(each, await fire(range.door, each.shot.bytes))
  }
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const arrivals = range.arrivals?.() ?? null
  return cases.map((each): Result => {
    const text = texts.get(each)
    if (text === undefined) {
      const reason = each.skip ?? 'it was not fired'
      return { case: each, seen: null, finding: { verdict: 'not judged', reason } }
    }
    const own = arrivals?.filter(({ requestId }) => requestId === each.requestId) ?? null
    const seen: Seen = { answers: readAnswers(text), text, arrivals: own }
    return { case: each, seen, finding: each.expect.judge(seen) }
  })
}
