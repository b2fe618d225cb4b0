import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LoginPage } from '../../pages/login/page.ts'
import { stateOf, type PageQuery, type PageState } from '../../pages/login/state.ts'

/** Answers with the sign-in page as the query has it. */
export function answerPage(
  request: FastifyRequest,
  reply: FastifyReply,
  login: LoginPage,
): FastifyReply {
  const { offers, excluded } = login
  return sendPage(reply, login, stateOf(request.query as PageQuery, offers, excluded))
}

/** Sends the page with a nonce of its own. */
export function sendPage(reply: FastifyReply, login: LoginPage, state: PageState): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': login.csp(nonce),
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      // Not `no-referrer`: forms would be sent with `Origin: null`.
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
    .send(login.render(state, nonce))
}
