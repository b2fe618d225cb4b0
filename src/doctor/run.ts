import { problem, type Check, type Finding, type NamedFinding } from './check.ts'

/**
 * Runs checks side by side. Resolves with one finding for each, in their order: what does not end in time is a problem, and so is one that fails in a way which it
 * did not foresee.
 * @param limitMs for one check
 */
export function runChecks(
  checks: readonly Check[],
  limitMs: number,
): Promise<readonly NamedFinding[]> {
  return Promise.all(
    checks.map(async (check) => ({ name: check.name, ...(await runInTime(check, limitMs)) })),
  )
}

async function runInTime(check: Check, limitMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve(
        problem(
          `this check did not end within ${limitMs / 1000} s`,
          'Look for what holds it up, or give it longer with --timeout.',
        ),
      )
    }, limitMs)
  })
  try {
    return await Promise.race([attempt(check), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

async function attempt(check: Check): Promise<Finding> {
  try {
    return await check.run()
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
    return problem(
      `this check itself failed (${reason})`,
      'Report it: the doctor has a bug, or has met something that it does not know.',
    )
  }
}
