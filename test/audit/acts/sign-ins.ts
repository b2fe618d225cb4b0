import { act, admin, signInAgain, type Act } from './act.ts'
import { ask, mailTo, password } from '../stage.ts'

export const signIns: readonly Act[] = [
  { name: 'signing in', act: signInAgain, says: ['sign_in success password'] },
  {
    name: 'a wrong password',
    act: (gateway, { email }) =>
      ask(gateway, '/sign-in/email', { body: { email, password: 'wrong' } }),
    says: ['sign_in failure password credentials_wrong'],
    actor: 'unknown',
  },
  {
    name: 'an account that is not there',
    act: (gateway) =>
      ask(gateway, '/sign-in/email', { body: { email: 'nobody@example.com', password } }),
    says: ['sign_in failure password credentials_wrong'],
    actor: 'unknown',
  },
  act({
    name: 'too many attempts',
    before: async (gateway) => {
      const address = '203.0.113.9'
      const attempt = { address, body: { email: 'x@example.com', password } }
      for (let count = 0; count < 3; count += 1) await ask(gateway, '/sign-in/email', attempt)
      return attempt
    },
    act: (gateway, _person, attempt) => ask(gateway, '/sign-in/email', attempt),
    says: ['sign_in failure password rate_limited'],
    actor: 'unknown',
  }),
  act({
    name: 'somebody who is banned',
    before: async (gateway, { id }) => {
      const { cookie } = await admin(gateway)
      await ask(gateway, '/admin/ban-user', { cookie, body: { userId: id } })
    },
    act: signInAgain,
    says: ['sign_in failure password user_banned'],
    actor: 'unknown',
  }),
  act({
    name: 'a link that was mailed',
    before: async (gateway, { email }) => {
      await ask(gateway, '/sign-in/magic-link', { body: { email } })
      return new URL(await mailTo(gateway, email, 'link'))
    },
    act: (gateway, _person, { pathname, search }) =>
      ask(gateway, pathname.replace('/api/auth', '') + search, { method: 'GET' }),
    says: [
      'sign_in success magic_link',
      'email.verified success',
      // Whoever made the account without having the address is signed out.
      'session.revoked success',
      'user.revoked success',
    ],
  }),
  act({
    name: 'a code that was mailed, wrong',
    before: (gateway, { email }) =>
      ask(gateway, '/email-otp/send-verification-otp', { body: { email, type: 'sign-in' } }),
    act: (gateway, { email }) =>
      ask(gateway, '/sign-in/email-otp', { body: { email, otp: 'xxxxxx' } }),
    says: ['sign_in failure email_otp code_wrong'],
    actor: 'unknown',
  }),
  {
    name: 'nobody in particular',
    act: (gateway) => ask(gateway, '/sign-in/anonymous'),
    says: ['sign_up success anonymous', 'sign_in success anonymous'],
  },
  {
    name: 'an endpoint that nobody knows',
    act: (gateway, { email }) => ask(gateway, `/badge/${email}`),
    says: ['sign_in success other'],
  },
  {
    name: 'another that ends sessions',
    act: (gateway, { email }) => ask(gateway, `/badge-gone/${email}`),
    says: ['session.revoked success', 'user.revoked success'],
  },
]
