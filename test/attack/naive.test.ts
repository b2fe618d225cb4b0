// Whether `attack` can find anything: in the place of the gateway stands a proxy that hands everything on.
import t from 'tap'
import { families, type FamilyName } from '../../src/attack/case.ts'
import { attack, configOf, everything, names, reflect, startNaive } from './parts.ts'

const naive = (upstream: number) => startNaive(upstream, reflect)

t.test('every case is broken where nobody checks anything', async (t) => {
  const results = await attack(t, configOf(t, everything), naive)
  const unfired = ['held', 'open', 'not judged'] as const
  for (const verdict of unfired) t.strictSame(names(results, verdict), [], verdict)
  const found = new Set(results.map((each) => each.case.family))
  t.strictSame([...found], Object.keys(families) as FamilyName[], 'no family is left out')
  const byAnswer = results.filter((each) => each.case.expect.byAnswer)
  t.ok(byAnswer.length > 300)
  const overlooked = byAnswer.filter(
    (each) => each.case.expect.judge({ ...each.seen!, arrivals: null }).verdict !== 'broken',
  )
  t.strictSame(names(overlooked, 'broken'), [], 'the answer alone tells where it is said to')
})
