import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal } from '../../errors/handler.ts'
import { refuse } from '../../errors/refusal.ts'
import { toCall } from '../../pages/browser/calls.js'
import { outcomeOf } from '../../pages/browser/outcome.js'
import type { Answer, Fields, FormName, Outcome, Place } from '../../pages/browser/types.ts'
import type { LoginPage } from '../../pages/login/page.ts'
import { stateOf, viewsOf, type PageState } from '../../pages/login/state.ts'
import type { AskAuth, AuthReply } from '../../session/mount.ts'
import type { Snapshot } from '../../snapshot.ts'
import { sendPage } from './page.ts'

export interface FormDeps {
  readonly ask: AskAuth
  readonly arrivalOf: (request: FastifyRequest) => {
    readonly snapshot: Pick<Snapshot, 'pages' | 'answers'>
  }
}

/** The most that a form of ours can hold, with a long password in which every letter is escaped. */
export const formLimitBytes = 8192

const fieldNames = [
  'form',
  'email',
  'password',
  'name',
  'remember',
  'token',
  'code',
  'trust',
] as const

/** A form of the sign-in page as it was sent. */
interface Sent {
  readonly form: FormName
  readonly fields: Fields
}

/**
 * Answers a form of the sign-in page that came without JavaScript: asks Better Auth, and goes on to `return_to` (303), or shows the page
 * again with what there is to say. That the form is one of our own pages was decided on the road. A password is handed on and
 * nowhere else. Refusal: `request_malformed`.
 */
export async function answerForm(
  request: FastifyRequest,
  reply: FastifyReply,
  { ask, arrivalOf }: FormDeps,
): Promise<FastifyReply> {
  const { pages, answers } = arrivalOf(request).snapshot
  const { login } = pages
  const sent = readForm(request.body, login)
  if (sent === null) return sendRefusal(request, reply, refuse('request_malformed'), answers)
  const { form, fields } = sent
  const before = stateOf(
    request.query as Readonly<Record<string, unknown>>,
    login.offers,
    login.excluded,
  )
  const place: Place = {
    page: new URL(login.path, answers.publicUrl).href,
    returnTo: before.returnTo,
    confirms: login.offers.confirms,
  }
  const told = await answerOf(ask(request, toCall(form, fields, place)))
  if (told.setCookies.length > 0) reply.header('set-cookie', told.setCookies)
  const outcome = outcomeOf(form, told, place)
  if (outcome.view === null) return goTo(reply, place.returnTo)
  if (told.retryAfter !== null) reply.header('retry-after', told.retryAfter)
  reply.code(statusOf(told, outcome))
  return sendPage(reply, login, toState(before, sent, outcome))
}

/** null: it is none of ours, or nobody offers it. */
function readForm(body: unknown, { offers }: LoginPage): Sent | null {
  if (typeof body !== 'string') return null
  const sent = new URLSearchParams(body)
  if (fieldNames.some((name) => sent.getAll(name).length > 1)) return null
  const forms: readonly FormName[] = [
    ...viewsOf(offers),
    ...(offers.secondFactor?.otp === true ? (['send-code'] as const) : []),
  ]
  const form = forms.find((name) => name === sent.get('form'))
  if (form === undefined) return null
  const fields = fieldNames.map((name) => [name, sent.get(name) ?? undefined] as const)
  return { form, fields: Object.fromEntries(fields) }
}

/** What cannot be known is said on the page too: what was typed must not be lost with it. */
async function answerOf(
  asked: Promise<AuthReply>,
): Promise<Answer & Pick<AuthReply, 'setCookies'>> {
  try {
    return await asked
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'SALLYPORT_SESSION_STORE') throw error
    return { status: 503, retryAfter: '1', setCookies: [], body: {} }
  }
}

/** The status of what Better Auth said, where it said no; a second factor that is asked for is no error. */
function statusOf({ status }: Answer, { tone }: Outcome): number {
  return status >= 400 && (tone === 'error' || status >= 500) ? status : 200
}

function toState(before: PageState, { form, fields }: Sent, outcome: Outcome): PageState {
  const { view, text, tone, wrong, methods } = outcome
  return {
    ...before,
    ...{ text, tone, wrong, methods },
    view: view ?? before.view,
    typed: {
      email: fields.email?.trim() ?? '',
      name: fields.name?.trim() ?? '',
      remember: form !== 'sign-in' || fields.remember !== undefined,
    },
    token: view === 'reset' ? (fields.token ?? null) : null,
  }
}

/** 303: with GET, and so that nothing is sent again by going back. */
function goTo(reply: FastifyReply, returnTo: string): FastifyReply {
  // As a URL parser writes it: a header holds no letters beyond ASCII.
  const { pathname, search, hash } = new URL(returnTo, 'http://a.invalid')
  return reply
    .code(303)
    .headers({ location: pathname + search + hash, 'cache-control': 'private, no-store' })
    .send()
}
