import { act, another, admin, kept, type Act } from './act.ts'
import { ask, password } from '../stage.ts'

function byAdmin(
  name: string,
  path: string,
  says: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): Act {
  return act({
    name,
    before: admin,
    act: (gateway, { id }, { cookie }) =>
      ask(gateway, path, { cookie, body: { userId: id, ...more } }),
    says,
    actor: 'administrator',
  })
}

const revoked = ['session.revoked success', 'user.revoked success']

export const administration: readonly Act[] = [
  byAdmin('a ban', '/admin/ban-user', ['user.banned success', ...revoked], { banExpiresIn: 60 }),
  byAdmin('an end of a ban', '/admin/unban-user', ['user.unbanned success']),
  byAdmin('another role', '/admin/set-role', ['role.changed success'], { role: 'admin' }),
  byAdmin('another role by another way', '/admin/update-user', ['role.changed success'], {
    data: { role: 'admin' },
  }),
  byAdmin('all sessions of somebody', '/admin/revoke-user-sessions', revoked),
  byAdmin('a password of somebody', '/admin/set-user-password', ['password.changed success'], {
    newPassword: another,
  }),
  byAdmin('somebody who is removed', '/admin/remove-user', ['user.deleted success', ...revoked]),
  byAdmin('acting as somebody', '/admin/impersonate-user', ['impersonation.started success']),
  byAdmin('another name', '/admin/update-user', ['administration success'], {
    data: { name: 'Eve' },
  }),
  act({
    name: 'an account that is made',
    before: admin,
    act: (gateway, _person, { cookie }) =>
      ask(gateway, '/admin/create-user', {
        cookie,
        body: { email: `made-${crypto.randomUUID()}@example.com`, password, name: 'Made' },
      }),
    says: ['user.created success'],
    actor: 'administrator',
  }),
  act({
    name: 'no longer acting as somebody',
    before: async (gateway, { id }) => {
      const { cookie } = await admin(gateway)
      const acting = await ask(gateway, '/admin/impersonate-user', { cookie, body: { userId: id } })
      return kept(acting)
    },
    act: (gateway, _person, cookie) => ask(gateway, '/admin/stop-impersonating', { cookie }),
    says: ['impersonation.stopped success'],
    actor: 'administrator',
  }),
  {
    name: 'administration by somebody who may not',
    act: (gateway, { cookie, id }) =>
      ask(gateway, '/admin/ban-user', { cookie, body: { userId: id } }),
    says: ['administration failure not_allowed'],
    actor: 'administrator',
  },
]
