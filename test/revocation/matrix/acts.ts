import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { password, type Reply } from '../../helper/gateway.ts'
import { call } from '../../session/calls.ts'
import { newUser, type Nodes } from '../stage.ts'

/** A user with two sessions: `cookie` acts, `other` is what is looked at where the act is about others. */
export interface Actor {
  readonly id: string
  readonly email: string
  readonly cookie: string
  readonly other: string
}

export interface Act {
  /** Which session is expected to end. */
  readonly ends: 'cookie' | 'other'
  /** Where what ends is held open. */
  readonly path?: string
  /** What must be so before. */
  readonly prepare?: (nodes: Nodes, actor: Actor) => Promise<void>
  readonly act: (nodes: Nodes, actor: Actor) => Promise<Reply>
  /** Code of the refusal afterwards. */
  readonly code: string
  /** Codes with which WebSocket and event stream may end, where there are others. */
  readonly closes?: readonly string[]
}

function tokenOf(cookie: string): string {
  return decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
}

async function asAdmin({ here, remote }: Nodes, path: string, body: object): Promise<Reply> {
  const { id, cookie } = await newUser(here, 'root')
  await remote?.sql("UPDATE user SET role = 'admin' WHERE id = ?", id)
  return call(here, path, { cookie, body })
}

const another = 'another horse 42'

/** Who may remove whom from which organisation. */
const owners = new Map<string, { readonly cookie: string; readonly organizationId: string }>()

/** Everything that ends what a session may do, done through the first gateway. */
export const acts: Readonly<Record<string, Act>> = {
  'sign-out': {
    ends: 'cookie',
    act: ({ here }, { cookie }) => call(here, '/sign-out', { cookie }),
    code: 'session_revoked',
  },
  'revoking one session': {
    ends: 'other',
    act: ({ here }, { cookie, other }) =>
      call(here, '/revoke-session', { cookie, body: { token: tokenOf(other) } }),
    code: 'session_revoked',
  },
  'revoking all others': {
    ends: 'other',
    act: ({ here }, { cookie }) => call(here, '/revoke-other-sessions', { cookie }),
    code: 'session_revoked',
  },
  'revoking all': {
    ends: 'cookie',
    act: ({ here }, { cookie }) => call(here, '/revoke-sessions', { cookie }),
    code: 'session_revoked',
  },
  'another password': {
    ends: 'other',
    act: ({ here }, { cookie }) =>
      call(here, '/change-password', {
        cookie,
        body: { currentPassword: password, newPassword: another, revokeOtherSessions: true },
      }),
    code: 'session_revoked',
  },
  'a password that was reset': {
    ends: 'cookie',
    act: async ({ here, remote }, { email }) => {
      await call(here, '/request-password-reset', { body: { email, redirectTo: '/reset' } })
      const mailed = join(here.folder, `reset-${email}`)
      const token = remote === null ? readFileSync(mailed, 'utf8') : await remote.resetToken()
      return call(here, '/reset-password', { body: { token, newPassword: another } })
    },
    code: 'session_revoked',
  },
  'a ban': {
    ends: 'cookie',
    act: (nodes, { id }) => asAdmin(nodes, '/admin/ban-user', { userId: id }),
    code: 'session_revoked',
    // The user is banned first, and then the sessions are ended: either may be seen.
    closes: ['session_revoked', 'user_banned'],
  },
  'sessions that an administrator revokes': {
    ends: 'cookie',
    act: (nodes, { id }) => asAdmin(nodes, '/admin/revoke-user-sessions', { userId: id }),
    code: 'session_revoked',
  },
  'a user who is deleted': {
    ends: 'cookie',
    act: ({ here }, { cookie }) => call(here, '/delete-user', { cookie, body: { password } }),
    code: 'session_revoked',
  },
  'a user whom an administrator removes': {
    ends: 'cookie',
    act: (nodes, { id }) => asAdmin(nodes, '/admin/remove-user', { userId: id }),
    code: 'session_revoked',
  },
  'a member who is removed from an organisation': {
    ends: 'cookie',
    path: '/team',
    prepare: async ({ here }, actor) => {
      const name = crypto.randomUUID()
      const body = { name, slug: name }
      const owner = await newUser(here)
      const made = await call(here, '/organization/create', { cookie: owner.cookie, body })
      const organizationId = String(made.json()['id'])
      owners.set(actor.id, { cookie: owner.cookie, organizationId })
      const invite = { email: actor.email, role: 'member', organizationId }
      const invited = await call(here, '/organization/invite-member', {
        cookie: owner.cookie,
        body: invite,
      })
      const { cookie } = actor
      const invitationId = invited.json()['id']
      await call(here, '/organization/accept-invitation', { cookie, body: { invitationId } })
      await call(here, '/organization/set-active', { cookie, body: { organizationId } })
    },
    act: ({ here }, { id, email }) => {
      const { cookie, organizationId } = owners.get(id) ?? { cookie: '', organizationId: '' }
      const body = { memberIdOrEmail: email, organizationId }
      return call(here, '/organization/remove-member', { cookie, body })
    },
    code: 'organization_missing',
  },
  'a role that is taken away': {
    ends: 'cookie',
    path: '/admin',
    prepare: async (nodes, { id }) => {
      await asAdmin(nodes, '/admin/set-role', { userId: id, role: 'admin' })
    },
    act: (nodes, { id }) => asAdmin(nodes, '/admin/set-role', { userId: id, role: 'user' }),
    code: 'role_missing',
  },
}
