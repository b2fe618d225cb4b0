import type { Principal } from '../../authn/principal.ts'
import { userOf } from '../../authn/principal.ts'
import { presentedKind } from '../../authz/kind.ts'
import type { Refusal } from '../../errors/refusal.ts'
import { entryOf } from '../../errors/catalogue.ts'
import type { RequestHead } from '../../head.ts'
import type { RoadDeps } from '../../pipeline.ts'
import type { CallerView, CredentialName, CredentialView } from '../explanation.ts'
import type { Seen } from '../witness.ts'

export interface CredentialQuestion {
  readonly head: RequestHead
  readonly road: RoadDeps
  readonly seen: Seen
  /** How the request ended, where it was refused. */
  readonly refusal: Refusal | null
  /** Why nobody looks at credentials there, or null: somebody does. */
  readonly unread: string | null
  /** The caller was made up for the question. */
  readonly madeUp: boolean
}

/** Which credential decides, what became of it, and which others were there. */
export function viewCredential(question: CredentialQuestion): CredentialView {
  const { head, road, seen, refusal, unread, madeUp } = question
  const present = presentIn(head, road)
  if (seen.credential === null) {
    const kind = present[0] ?? null
    // One that the route does not accept is refused without a look at it.
    const isRefused = refusal !== null && unread === null && kind !== null && isAboutKind(refusal)
    return {
      kind,
      verdict: isRefused ? 'rejected' : 'not_read',
      reason: isRefused ? wordsOf(refusal) : (unread ?? 'the request was refused before'),
      caller: null,
      ignored: [],
    }
  }
  const { kind, outcome } = seen.credential
  const ignored = present
    .filter((each) => each !== kind)
    .map((each) => ({ kind: each, reason: whyIgnored(kind) }))
  switch (outcome.answer) {
    case 'absent':
      return { kind: null, verdict: 'absent', reason: null, caller: null, ignored }
    case 'rejected':
      return { kind, verdict: 'rejected', reason: wordsOf(outcome.refusal), caller: null, ignored }
    case 'authenticated': {
      const caller = viewCaller(outcome.principal, madeUp, road.now())
      return { kind, verdict: 'accepted', reason: null, caller, ignored }
    }
  }
}

/** In the order in which they decide. */
function presentIn(head: RequestHead, road: RoadDeps): readonly CredentialName[] {
  const readsApiKeys = road.authn.readApiKey !== undefined
  const without = [
    head,
    { ...head, authorization: null },
    { ...head, authorization: null, apiKey: null },
  ]
  const kinds = without.map((each) => presentedKind(each, road.hasSessionCookie, readsApiKeys))
  const found: (CredentialName | null)[] = [head.ticket === null ? null : 'ticket', ...kinds]
  return [...new Set(found.filter((kind) => kind !== null))]
}

function isAboutKind({ code }: Refusal): boolean {
  return code === 'token_not_accepted' || code === 'token_invalid' || code === 'api_key_invalid'
}

function wordsOf({ code, detail }: Refusal): string {
  return `${code}: ${detail ?? entryOf(code).detail}`
}

function whyIgnored(kind: CredentialName): string {
  const words: Readonly<Record<CredentialName, string>> = {
    ticket: 'a ticket decides alone',
    bearer: 'Authorization decides alone',
    apiKey: 'x-api-key decides alone',
    session: 'only the session cookie is read here',
  }
  return words[kind]
}

function viewCaller(principal: Principal, madeUp: boolean, nowMs: number): CallerView {
  const user = userOf(principal)
  const session = principal.kind === 'session' ? principal.session : null
  const userRoles = user?.role?.split(',').map((role) => role.trim()) ?? []
  return {
    userId: principal.userId,
    madeUp,
    email: user === null || user.email === '' ? null : user.email,
    emailVerified: user?.emailVerified ?? false,
    roles: principal.kind === 'bearer' ? principal.roles : userRoles,
    scopes: principal.kind === 'session' ? [] : principal.scopes,
    banned: user?.banned ?? false,
    sessionId: session?.id ?? null,
    sessionAgeMs: session === null ? null : nowMs - session.createdAtMs,
    organization: session?.organization ?? null,
    impersonatedBy: session?.impersonatedBy ?? null,
  }
}
