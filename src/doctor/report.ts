import type { NamedFinding, Verdict } from './check.ts'

const verdicts = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Verdict[]

export type Counts = Readonly<Record<Verdict, number>>

export function countVerdicts(findings: readonly NamedFinding[]): Counts {
  const count = (wanted: Verdict): number =>
    findings.filter(({ verdict }) => verdict === wanted).length
  return {
    problem: count('problem'),
    warning: count('warning'),
    ok: count('ok'),
    skipped: count('skipped'),
  }
}

/** The findings as people read them: one line each, and below those that need something the way to mend it. */
export function toText(findings: readonly NamedFinding[]): string {
  const nameWidth = Math.max(...findings.map(({ name }) => name.length))
  const verdictWidth = Math.max(...verdicts.map((verdict) => verdict.length))
  const indent = ' '.repeat(verdictWidth + 2)
  const lines = findings.flatMap(({ name, verdict, seen, advice }) => [
    `${verdict.padEnd(verdictWidth)}  ${name.padEnd(nameWidth)}  ${seen}`,
    ...(advice === null ? [] : [`${indent}${' '.repeat(nameWidth)}  -> ${advice}`]),
  ])
  return [...lines, '', toSummary(findings)].join('\n')
}

function toSummary(findings: readonly NamedFinding[]): string {
  const counts = countVerdicts(findings)
  const plural = (count: number, word: string): string =>
    `${count} ${word}${count === 1 ? '' : 's'}`
  return [
    plural(counts.problem, 'problem'),
    plural(counts.warning, 'warning'),
    `${counts.ok} ok`,
    `${counts.skipped} skipped`,
  ].join(', ')
}

/** The same for programs; one object. */
export function toJson(findings: readonly NamedFinding[]): string {
  const checks = findings.map(({ name, verdict, seen, advice }) => ({
    name,
    verdict,
    seen,
    advice,
  }))
  return JSON.stringify({ counts: countVerdicts(findings), checks }, null, 2)
}
