import { junitOf } from '../../explain/expect/junit.ts'
import { tapOf, yamlString } from '../../explain/expect/tap.ts'
import type { Result } from '../case.ts'
import { evidenceOf } from './evidence.ts'
import { advice, countsOf, type Attack } from './summary.ts'

/** For programs: one object, with every case. Its keys are public interface. */
export function json({
  file,
  running,
  run,
  results,
  unreached,
  leftOut,
  masks,
  placeOf,
}: Attack): string {
  const cases = results.map((result) => {
    const { case: each, finding } = result
    return {
      name: each.name,
      family: each.family,
      id: each.id,
      at: each.at,
      title: each.title,
      story: each.story,
      reference: each.reference,
      must: each.expect.words,
      requestId: each.requestId,
      verdict: finding.verdict,
      ...(finding.verdict === 'broken'
        ? { wrong: finding.wrong.map((text) => masks.hide(text)), ...evidenceOf(result, masks) }
        : {}),
      ...(finding.verdict === 'open'
        ? { ...finding.opening, place: placeOf(finding.opening.key) }
        : {}),
      ...(finding.verdict === 'not judged' ? { reason: finding.reason } : {}),
    }
  })
  const { held, broken, open, 'not judged': notJudged } = countsOf(results)
  const counts = { held, broken, open, notJudged }
  return JSON.stringify({ file, running, run, counts, unreached, leftOut, cases }, null, 2)
}

export function tap({ results, masks, placeOf }: Attack): string {
  return tapOf(
    results.map((result) => ({
      name: nameOf(result),
      skipped: whyUnjudged(result, placeOf),
      failure: failureOf(result, masks)?.map((line) => `- ${yamlString(line)}`) ?? null,
    })),
  )
}

export function junit({ results, masks, placeOf }: Attack): string {
  return junitOf(
    results.map((result) => {
      const lines = failureOf(result, masks)
      return {
        name: nameOf(result),
        className: `sallyport.attack.${result.case.family}`,
        place: null,
        failure: lines === null ? null : { message: lines[0] ?? '', text: lines.join('\n') },
        skipped: whyUnjudged(result, placeOf),
      }
    }),
  )
}

function nameOf({ case: each }: Result): string {
  return `${each.name}: ${each.title}`
}

/** Neither a success nor a failure: what the configuration opens itself, and what nobody could judge. */
function whyUnjudged({ finding }: Result, placeOf: Attack['placeOf']): string | null {
  switch (finding.verdict) {
    case 'open':
      return `not held by configuration: ${placeOf(finding.opening.key)} ${finding.opening.key}`
    case 'not judged':
      return `not judged: ${finding.reason}`
    case 'held':
    case 'broken':
      return null
  }
}

function failureOf(result: Result, masks: Attack['masks']): readonly string[] | null {
  const { case: each, finding } = result
  if (finding.verdict !== 'broken') return null
  const { sent, answered, arrived } = evidenceOf(result, masks)
  return [
    ...finding.wrong.map((text) => masks.hide(text)),
    `wanted: ${each.expect.words}`,
    ...sent.map((line) => `sent: ${line}`),
    ...answered.map((line) => `back: ${line}`),
    ...arrived.flatMap(({ upstream, lines }) => lines.map((line) => `at ${upstream}: ${line}`)),
    advice,
  ]
}
