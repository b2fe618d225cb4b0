import { families, type Result } from '../case.ts'
import { evidenceOf } from './evidence.ts'
import { advice, byFamily, countsOf, type Attack } from './summary.ts'

/** For people: what is broken with all that is known of it, the rest counted. Ends without a newline. */
export function text(attack: Attack): string {
  const { results, unreached, masks } = attack
  const broken = results.filter(({ finding }) => finding.verdict === 'broken')
  return [
    ...about(attack),
    '',
    ...table(attack),
    ...broken.flatMap((each) => ['', ...aboutBroken(each, attack)]),
    ...listed('not held by configuration', openings(attack)),
    ...listed('not judged', reasons(results)),
    ...listed(
      'not reached by any request',
      unreached.map((name) => `route ${name}`),
    ),
    '',
    totals(attack),
  ]
    .map((line) => masks.hide(line))
    .join('\n')
}

function about({ file, running, run, leftOut }: Attack): readonly string[] {
  if (running === null) {
    return [
      `${file}, on a gateway made for it: upstreams, accounts and issuers are stand-ins, and nothing of yours is touched.`,
    ]
  }
  return [
    `The running gateway of ${file} at ${running}: nothing is written and nobody signed in; cases are judged by their answers.`,
    `Every X-Request-Id begins with ${run}. ${String(leftOut)} cases are fired without --running only.`,
  ]
}

function table({ results }: Attack): readonly string[] {
  return byFamily(results).map(([family, own]) => {
    const { held, broken, open, 'not judged': skipped } = countsOf(own)
    const said = [
      `${String(held).padStart(5)} held`,
      ...(broken > 0 ? [`${String(broken)} BROKEN`] : []),
      ...(open > 0 ? [`${String(open)} not held by configuration`] : []),
      ...(skipped > 0 ? [`${String(skipped)} not judged`] : []),
    ]
    return `${families[family].padEnd(36)}${said.join(', ')}`
  })
}

function aboutBroken(result: Result, { masks }: Attack): readonly string[] {
  const { case: each, finding } = result
  const { sent, answered, arrived } = evidenceOf(result, masks)
  const wrong = finding.verdict === 'broken' ? finding.wrong : []
  return [
    `BROKEN  ${each.name}: ${each.title} (${each.reference})`,
    `        ${each.story}`,
    `  wanted  ${each.expect.words}`,
    ...wrong.map((sentence) => `  but     ${sentence}`),
    ...block('sent', sent),
    ...block('back', answered.length === 0 ? ['nothing'] : answered),
    ...arrived.flatMap(({ upstream, lines }) => block('there', [`at ${upstream}:`, ...lines])),
    `  do      ${advice}`,
  ]
}

function block(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(8)}| ${line}`)
}

/** Each key once, with where it stands and how many cases it opens. */
function openings({ results, placeOf }: Attack): readonly string[] {
  const byKey = new Map<string, { readonly why: string; count: number }>()
  for (const { finding } of results) {
    if (finding.verdict !== 'open') continue
    const { key, why } = finding.opening
    const known = byKey.get(key) ?? { why, count: 0 }
    known.count += 1
    byKey.set(key, known)
  }
  return [...byKey].map(
    ([key, { why, count }]) => `${placeOf(key)} ${key}: ${why} (${cases(count)})`,
  )
}

/** Each reason once, with the cases that it keeps from being judged. */
function reasons(results: readonly Result[]): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { case: each, finding } of results) {
    if (finding.verdict !== 'not judged') continue
    byReason.set(finding.reason, [...(byReason.get(finding.reason) ?? []), each.name])
  }
  return [...byReason].map(([reason, names]) => {
    const more = names.length - 3
    return `${reason}: ${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`
  })
}

function listed(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
}

function cases(count: number): string {
  return `${String(count)} case${count === 1 ? '' : 's'}`
}

function totals({ results }: Attack): string {
  const { held, broken, open, 'not judged': skipped } = countsOf(results)
  return `${cases(results.length)}: ${String(held)} held, ${String(broken)} BROKEN, ${String(open)} not held by configuration, ${String(skipped)} not judged`
}
