import { fieldsOf } from '../../mount.ts'

/** What a request that went through `auth.path` has changed, as far as its path and bodies tell. */
export type Effect =
  /** The session that asked has ended. */
  | { readonly kind: 'own-session-ended' }
  /** Something about whoever asked has changed. */
  | { readonly kind: 'caller-changed' }
  /** All that was issued for whoever asked no longer counts. */
  | { readonly kind: 'caller-revoked' }
  | { readonly kind: 'session-ended'; readonly token: string; readonly ofCaller: boolean }
  | { readonly kind: 'user-changed' | 'user-revoked' | 'user-deleted'; readonly userId: string }
  /** Somebody has changed, and it cannot be told who. */
  | { readonly kind: 'everything-changed' }

type Fields = Readonly<Record<string, unknown>>

export interface Exchange {
  readonly method: string
  /** Below `auth.path`, for example `/sign-out`. */
  readonly path: string
  /** The JSON of the request; empty where it is none. */
  readonly body: Fields
  /** The JSON of the answer, where `needsAnswer` asked for it. */
  readonly answer: Fields
}

/** Reads nothing but what it is asked about. */
const harmless =
  /^\/(?:get-session|sign-in\/.+|sign-up\/.+|request-password-reset|forget-password\/.+|send-verification-email|is-username-available|verify-password|(?:admin|organization)\/has-permission|organization\/check-slug)$/

/** GET requests that change something: links in e-mails. */
const links = new Set(['/verify-email', '/delete-user/callback', '/change-email/verify'])

const byPath: Readonly<Record<string, (exchange: Exchange) => readonly Effect[]>> = {
  '/sign-out': () => [{ kind: 'own-session-ended' }],
  '/admin/stop-impersonating': () => [{ kind: 'own-session-ended' }],
  '/revoke-session': ({ body }) => endedBy(body['token'], true),
  '/multi-session/revoke': ({ body }) => endedBy(body['sessionToken'], false),
  '/admin/revoke-user-session': ({ body }) => endedBy(body['sessionToken'], false),
  '/revoke-sessions': () => [{ kind: 'caller-revoked' }],
  '/change-password': ({ body }) => [
    { kind: body['revokeOtherSessions'] === true ? 'caller-revoked' : 'caller-changed' },
  ],
  // Whoever follows the link in an e-mail is not signed in, and the answer does not say who it was.
  '/reset-password': () => [{ kind: 'everything-changed' }],
  '/email-otp/reset-password': () => [{ kind: 'everything-changed' }],
  '/phone-number/reset-password': () => [{ kind: 'everything-changed' }],
  '/admin/ban-user': ({ body }) => ofUser('user-revoked', body),
  '/admin/revoke-user-sessions': ({ body }) => ofUser('user-revoked', body),
  '/admin/set-user-password': ({ body }) => ofUser('user-revoked', body),
  '/admin/remove-user': ({ body }) => ofUser('user-deleted', body),
  '/organization/update-member-role': ({ answer }) => ofMember(answer),
  '/organization/remove-member': ({ answer }) => ofMember(fieldsOf(answer['member'])),
}

/**
 * What is to be forgotten after an exchange that succeeded. What is not known to be harmless changes whoever asked. Organisations as a whole
 * (`/organization/delete`) are left to our plugin there, which knows their members.
 */
export function effectsOf(exchange: Exchange): readonly Effect[] {
  const { method, path, body } = exchange
  if (method === 'GET' || method === 'HEAD') {
    return links.has(path) ? [{ kind: 'caller-changed' }] : []
  }
  if (harmless.test(path)) return []
  const known = Object.hasOwn(byPath, path) ? byPath[path] : undefined
  if (known !== undefined) return known(exchange)
  const ofOther = path.startsWith('/admin/') ? ofUser('user-changed', body) : []
  return [{ kind: 'caller-changed' }, ...ofOther]
}

/**
 * What must be asked anew after an exchange of which it is not known whether it succeeded: its answer never came, or is a 5xx. Nobody is taken to be signed
 * out by it.
 */
export function doubtsOf(exchange: Exchange): readonly Effect[] {
  return effectsOf(exchange).flatMap((effect): readonly Effect[] => {
    switch (effect.kind) {
      case 'own-session-ended':
      case 'caller-changed':
      case 'caller-revoked':
        return [{ kind: 'caller-changed' }]
      case 'session-ended':
        return [{ kind: effect.ofCaller ? 'caller-changed' : 'everything-changed' }]
      case 'user-changed':
      case 'user-revoked':
      case 'user-deleted':
        return [{ kind: 'user-changed', userId: effect.userId }]
      case 'everything-changed':
        return [effect]
    }
  })
}

/** Whether only the answer tells whom a request has changed. */
export function needsAnswer(path: string): boolean {
  return path === '/organization/update-member-role' || path === '/organization/remove-member'
}

function endedBy(token: unknown, ofCaller: boolean): readonly Effect[] {
  return typeof token === 'string' ? [{ kind: 'session-ended', token, ofCaller }] : []
}

function ofUser(
  kind: 'user-changed' | 'user-revoked' | 'user-deleted',
  body: Fields,
): readonly Effect[] {
  const { userId } = body
  return typeof userId === 'string' ? [{ kind, userId }] : []
}

function ofMember(member: Fields): readonly Effect[] {
  return [{ kind: 'caller-changed' }, ...ofUser('user-changed', member)]
}
