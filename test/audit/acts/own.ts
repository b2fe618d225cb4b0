import { act, another, tokenOf, signInAgain, type Act } from './act.ts'
import { ask, mailTo, password } from '../stage.ts'

export const own: readonly Act[] = [
  {
    name: 'signing up',
    act: (gateway) =>
      ask(gateway, '/sign-up/email', {
        body: { name: 'Bob', email: `bob-${crypto.randomUUID()}@example.com`, password },
      }),
    says: ['sign_up success password', 'sign_in success password'],
  },
  {
    name: 'signing up twice',
    act: (gateway, { email }) =>
      ask(gateway, '/sign-up/email', { body: { name: 'Ada', email, password } }),
    says: ['sign_up failure password account_exists'],
    actor: 'unknown',
  },
  {
    name: 'signing out',
    act: (gateway, { cookie }) => ask(gateway, '/sign-out', { cookie }),
    says: ['sign_out success'],
  },
  {
    name: 'signing out without a session',
    act: (gateway) => ask(gateway, '/sign-out'),
    says: [],
  },
  act({
    name: 'revoking another session',
    before: async (gateway, person) => tokenOf((await signInAgain(gateway, person)).cookie),
    act: (gateway, { cookie }, token) =>
      ask(gateway, '/revoke-session', { cookie, body: { token } }),
    says: ['session.revoked success'],
  }),
  {
    name: 'revoking all',
    act: (gateway, { cookie }) => ask(gateway, '/revoke-sessions', { cookie }),
    says: ['session.revoked success', 'user.revoked success'],
  },
  {
    name: 'another password',
    act: (gateway, { cookie }) =>
      ask(gateway, '/change-password', {
        cookie,
        body: { currentPassword: password, newPassword: another },
      }),
    says: ['password.changed success'],
  },
  {
    name: 'another password, and all other sessions revoked',
    before: signInAgain,
    act: (gateway, { cookie }) =>
      ask(gateway, '/change-password', {
        cookie,
        body: { currentPassword: password, newPassword: another, revokeOtherSessions: true },
      }),
    says: [
      'password.changed success',
      'session.revoked success',
      'session.replaced success',
      'user.revoked success',
    ],
  },
  {
    name: 'another password without the old one',
    act: (gateway, { cookie }) =>
      ask(gateway, '/change-password', {
        cookie,
        body: { currentPassword: 'wrong', newPassword: another },
      }),
    says: ['password.changed failure credentials_wrong'],
  },
  {
    name: 'a forgotten password',
    act: (gateway, { email }) => ask(gateway, '/request-password-reset', { body: { email } }),
    says: ['password.reset_asked success'],
    actor: 'unknown',
  },
  act({
    name: 'a password that is reset',
    before: async (gateway, { email }) => {
      await ask(gateway, '/request-password-reset', { body: { email } })
      return /reset-password\/([^?]+)/.exec(await mailTo(gateway, email, 'reset'))?.[1]
    },
    act: (gateway, _person, token) =>
      ask(gateway, '/reset-password', { body: { token, newPassword: another } }),
    says: ['password.reset success', 'session.revoked success', 'user.revoked success'],
  }),
  {
    name: 'a link for that which is none',
    act: (gateway) =>
      ask(gateway, '/reset-password', { body: { token: 'MARKER-none', newPassword: another } }),
    says: ['password.reset failure token_invalid'],
    actor: 'unknown',
  },
  act({
    name: 'an address that is verified',
    before: async (gateway, { email }) => {
      await ask(gateway, '/send-verification-email', { body: { email } })
      return new URL(await mailTo(gateway, email, 'confirm'))
    },
    act: (gateway, _person, { pathname, search }) =>
      ask(gateway, pathname.replace('/api/auth', '') + search, { method: 'GET' }),
    says: ['email.verified success'],
  }),
  {
    name: 'a link for that which is none',
    act: (gateway) => ask(gateway, '/verify-email?token=MARKER', { method: 'GET' }),
    says: ['email.verified failure token_invalid'],
    actor: 'unknown',
  },
  {
    name: 'deleting oneself',
    act: (gateway, { cookie }) => ask(gateway, '/delete-user', { cookie, body: { password } }),
    says: ['session.revoked success', 'user.deleted success', 'user.revoked success'],
  },
]
