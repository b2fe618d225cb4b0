import { ask } from '../ask.ts'
import type { Problem } from '../types.ts'
import type { Credential } from '../tabs/tabs.ts'
import { sleep } from '../tabs/turns.ts'

interface AccessToken {
  readonly access_token: string
  /** Seconds. */
  readonly expires_in: number
}

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
    const [body, problem] = await ask<AccessToken>('/_gateway/token', { method: 'POST', signal })
    signal.throwIfAborted()
    if (body) {
      const now = Date.now()
      const untilMs = now + body.expires_in * 1000
      return [now, untilMs, keepsToken ? body.access_token : undefined]
    }
    if (problem && problem.action !== 'retry') {
      obey(problem)
      return
    }
    if (attempt > 2) throw new TypeError('/_gateway/token')
    await sleep(999 * attempt)
  }
}
