import { toAnswer, type Answer, type AnswerRules } from '../../errors/answer.ts'
import { entryOf } from '../../errors/catalogue.ts'
import { isRefusal, type Refusal } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import { closeCodeOf } from '../../proxy/websocket/relay/close-code.ts'
import type { AnswerView, Decision, HeaderLine } from '../explanation.ts'
import { offerOf, opensWebSocket } from './handshake.ts'
import { maskLine } from './mask.ts'

/** A decision that is no refusal. */
export function decided(kind: 'forward' | 'static' | 'endpoint', status: number | null): Decision {
  return {
    ...{ kind, status, code: null, action: null, detail: null, login: null },
    ...{ answer: null, observed: null, close: null },
  }
}

/** A preflight is answered by the gateway, as `src/front/server.ts` writes it. */
export function preflighted(headers: readonly HeaderLine[], requestId: string): Decision {
  const lines: readonly HeaderLine[] = [...headers, ['x-request-id', requestId]]
  return {
    ...decided('forward', 204),
    kind: 'preflight',
    answer: { status: 204, headers: lines, body: '' },
  }
}

/** A refusal, worded as whoever asks gets it: by the function that words it for them. */
export function refused(
  refusal: Refusal,
  head: RequestHead,
  requestId: string,
  rules: AnswerRules,
): Decision {
  const answer = toAnswer(refusal, head, requestId, rules)
  const entry = entryOf(refusal.code)
  return {
    kind: 'refuse',
    code: refusal.code,
    status: answer.status,
    action: entry.action,
    detail: refusal.detail ?? entry.detail,
    login: loginOf(answer),
    answer: viewAnswer(answer),
    observed: null,
    close: closeOf(refusal, head),
  }
}

/** Files and FastAPI's answer are nobody's refusal, so the login is where the answer says it: in `Location` or in the body. */
function loginOf({ headers, body }: Answer): string | null {
  const { location } = headers
  if (typeof location === 'string') return location
  if (headers['content-type'] !== 'application/problem+json' || body === '') return null
  const { login } = JSON.parse(body) as { readonly login?: string }
  return login ?? null
}

function viewAnswer({ status, headers, body }: Answer): AnswerView {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((each) => maskLine([name, each])),
  )
  return { status, headers: lines, body }
}

/** A browser cannot read a refused handshake: where it has to sign in or may not come in, it is let in and told in a close frame. */
function closeOf(refusal: Refusal, head: RequestHead): Decision['close'] {
  const { status } = entryOf(refusal.code)
  const isTold = head.origin !== null && (status === 401 || status === 403)
  // One that cannot be answered with 101 cannot be let in.
  const isLetIn = isTold && opensWebSocket(head) && !isRefusal(offerOf(head))
  return isLetIn ? { code: closeCodeOf(refusal), reason: refusal.code } : null
}

/** What a route that only observes lets pass all the same. */
export function observedOf(refusal: Refusal | null): Decision['observed'] {
  if (refusal === null) return null
  return { code: refusal.code, detail: refusal.detail ?? entryOf(refusal.code).detail }
}
