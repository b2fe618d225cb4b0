import type { IncomingMessage, ServerResponse } from 'node:http'
import { readObject, sendJson, sendProblem } from './answer.ts'
import type { ConsoleAction, ConsoleDeps } from './port.ts'
import { cookieOf, judgeToken, type AccessDeps } from './rights/access.ts'
import { cookieName } from './rights/sign-ins.ts'

export interface ActionDeps extends AccessDeps {
  readonly deps: ConsoleDeps
}

const cookieRules = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** `POST { "token" }`: a cookie that stands for the token until it is changed, for 12 hours at most. */
export async function signIn(
  request: IncomingMessage,
  response: ServerResponse,
  access: ActionDeps,
): Promise<void> {
  const { token } = (await readObject(request)) ?? {}
  if (typeof token !== 'string') {
    sendProblem(response, 'request_malformed')
    return
  }
  if (!access.signIns.isPossible) {
    sendProblem(response, 'controls_off')
    return
  }
  const judged = judgeToken(request, token, access)
  if (judged !== 'token') {
    tell(request, access, { kind: 'sign-in-refused', subject: null, ended: null })
    sendProblem(response, judged.problem, retryAfter(judged.waitSeconds))
    return
  }
  const { value, maxAgeSeconds } = access.signIns.begin()
  tell(request, access, { kind: 'signed-in', subject: null, ended: null })
  const cookie = `${cookieName}=${value}; Max-Age=${maxAgeSeconds}; ${cookieRules}`
  sendJson(response, { signedIn: true }, { 'set-cookie': cookie })
}

/** `POST`: the cookie stands for nothing any more. */
export function signOut(
  request: IncomingMessage,
  response: ServerResponse,
  { signIns }: ActionDeps,
): void {
  const cookie = cookieOf(request)
  if (cookie !== null) signIns.end(cookie)
  sendJson(
    response,
    { signedIn: false },
    { 'set-cookie': `${cookieName}=; Max-Age=0; ${cookieRules}` },
  )
}

/**
 * `POST { "user": id or e-mail address }` or `{ "session": id }`: the same as `sallyport revoke`. Problems: `request_malformed`, `nobody`, `revoked_elsewhere`,
 * `store_unavailable`.
 */
export async function revoke(
  request: IncomingMessage,
  response: ServerResponse,
  access: ActionDeps,
): Promise<void> {
  const { user, session } = (await readObject(request)) ?? {}
  const { revoker } = access.deps
  const isUser = isName(user) && session === undefined
  const subject = isUser ? user : session
  if (!isName(subject) || (!isUser && user !== undefined)) {
    sendProblem(response, 'request_malformed')
    return
  }
  if (revoker === null) {
    sendProblem(response, 'revoked_elsewhere')
    return
  }
  try {
    const ended = isUser ? await revoker.user(subject) : (await revoker.session(subject)) ? 1 : null
    tell(request, access, { kind: isUser ? 'revoked-user' : 'revoked-session', subject, ended })
    if (ended === null) sendProblem(response, 'nobody')
    else sendJson(response, { ended })
  } catch (error) {
    access.deps.logger.warn({ err: error }, 'console: a revocation failed')
    sendProblem(response, 'store_unavailable')
  }
}

export function retryAfter(seconds: number | undefined): Readonly<Record<string, string>> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 256
}

/** Logs what somebody has done, and says it to whoever keeps an audit log. */
export function tell(
  { socket }: IncomingMessage,
  { deps }: ActionDeps,
  what: Omit<ConsoleAction, 'from'>,
): void {
  const { kind, ended } = what
  const from = socket.remoteAddress ?? ''
  // Whom it was about is for the audit log: it may be an e-mail address.
  deps.logger[kind === 'sign-in-refused' ? 'warn' : 'info']({ kind, ended, from }, 'console')
  deps.onAction?.({ ...what, from })
}
