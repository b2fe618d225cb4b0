import { given, isBusy, setBusy, show } from './page.js'

/** @import { Answer, Call } from './types.ts' */

const patienceMs = 30_000

/**
 * Asks Better Auth. Rejects when there is no answer.
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
async function ask({ path, body }) {
  const answer = await fetch(given('authPath') + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    credentials: 'same-origin',
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  })
  const said = await answer.json().catch(() => null)
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after') ?? answer.headers.get('x-retry-after'),
    body: said !== null && typeof said === 'object' ? said : {},
  }
}

/**
 * One request at a time: the page rests until it is answered, and stays at rest when it is left.
 * @param {Call} call
 * @param {(answer: Answer, before: Element | null) => boolean} done says what has become of it; whether the page stays. `before`
 * had the focus
 */
export async function attempt(call, done) {
  if (isBusy()) return
  show('')
  const before = document.activeElement
  setBusy(true)
  /** @type {Answer} */
  let answer
  try {
    answer = await ask(call)
  } catch {
    setBusy(false)
    show('The server could not be reached. Check your connection and try again.')
    if (before instanceof HTMLElement) before.focus()
    return
  }
  setBusy(false)
  if (!done(answer, before)) setBusy(true)
}
