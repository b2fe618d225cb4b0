import { ok, problem, warning, type Finding } from '../check.ts'
import { advisories, advisoriesCheckedOn, type Advisory } from './advisories.ts'
import { compareVersions } from './compare.ts'
import type { InstalledPackage } from './installed.ts'

const oldestNode = '24.0.0'
const dayMs = 86_400_000
const oldDays = 180

/** @param version as `process.version` has it */
export function judgeNode(version: string): Finding {
  if (compareVersions(version, oldestNode) >= 0) return ok(`Node ${version}`)
  return problem(
    `Node ${version} is older than ${oldestNode}`,
    'Run the gateway with Node 24 or newer.',
  )
}

/** Holds what is installed against the table of advisories, whose age is said. */
export function judgePackages(
  installed: readonly InstalledPackage[],
  nowMs: number,
  table: readonly Advisory[] = advisories,
): Finding {
  const unsafe = installed.flatMap(({ name, version }) =>
    table
      .filter((advisory) => advisory.package === name)
      .flatMap((advisory) => {
        const fixed = fixedIn(version, advisory)
        return fixed === null ? [] : [{ ...advisory, name, version, fixed }]
      }),
  )
  if (unsafe.length > 0) {
    const list = unsafe.map(({ name, version, id, what }) => `${name} ${version}: ${id}, ${what}`)
    return problem(
      `unsafe versions are installed: ${list.join('; ')}`,
      `Update the gateway, or: npm install ${fixesFor(unsafe).join(' ')}.`,
    )
  }
  const days = Math.floor((nowMs - Date.parse(advisoriesCheckedOn)) / dayMs)
  const seen = `${installed.length} packages, none of them in the table of advisories of ${advisoriesCheckedOn}`
  if (days <= oldDays) return ok(seen)
  return warning(
    `${seen}, which is ${days} days old`,
    'Update the gateway, and with it the table; `npm audit` asks for what is new.',
  )
}

/** From which version on the weakness is gone; null: this one does not have it. */
function fixedIn(version: string, { affected }: Advisory): string | null {
  const range = affected.find(
    ({ from, below }) =>
      (from === undefined || compareVersions(version, from) >= 0) &&
      compareVersions(version, below) < 0,
  )
  return range?.below ?? null
}

/** For each package the version from which on none of what was found is true. */
function fixesFor(
  unsafe: readonly { readonly name: string; readonly fixed: string }[],
): readonly string[] {
  const fixes = new Map<string, string>()
  for (const { name, fixed } of unsafe) {
    const known = fixes.get(name)
    if (known === undefined || compareVersions(fixed, known) > 0) fixes.set(name, fixed)
  }
  return [...fixes].map(([name, version]) => `${name}@">=${version}"`)
}
