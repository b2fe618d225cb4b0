import { readProblem } from '../problem.ts'
import type { Problem } from '../types.ts'
import type { Credential } from '../tabs/tabs.ts'
import { sleep } from '../tabs/turns.ts'

/**
 * `POST /_gateway/token`, up to three times while nothing comes back that says anything. Undefined: nobody is signed in. Rejects when it
 * cannot be known, or was given up.
 */
export async function requestToken(
  obey: (problem: Problem) => void,
  signal: AbortSignal,
  keepsToken: boolean,
): Promise<Credential | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch('/_gateway/token', { method: 'POST', signal }).catch(() => null)
    const problem = response && (await readProblem(response))
    const body = response?.ok
      ? ((await response.json()) as { access_token: string; expires_in: number })
      : null
    signal.throwIfAborted()
    if (body) {
      const now = Date.now()
      const untilMs = now + body.expires_in * 1000
      return keepsToken ? [now, untilMs, body.access_token] : [now, untilMs]
    }
    if (problem && problem.action !== 'retry') {
      obey(problem)
      return
    }
    if (attempt > 2) throw new TypeError('refresh failed')
    await sleep(500 * attempt ** 2)
  }
}
