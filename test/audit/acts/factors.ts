import { act, totp, enableTotp, firstStep, signInAgain, type Act } from './act.ts'
import { ask, password } from '../stage.ts'

export const factors: readonly Act[] = [
  act({
    name: 'turning the second factor on',
    before: async (gateway, { cookie }) => {
      const reply = await ask(gateway, '/two-factor/enable', { cookie, body: { password } })
      return String(reply.json()['totpURI'])
    },
    act: (gateway, { cookie }, uri) =>
      ask(gateway, '/two-factor/verify-totp', { cookie, body: { code: totp(uri) } }),
    says: ['second_factor.enabled success', 'session.replaced success'],
  }),
  act({
    name: 'a password where a second factor is asked for',
    before: enableTotp,
    act: signInAgain,
    says: ['second_factor.asked success password'],
  }),
  act({
    name: 'the second factor',
    before: firstStep,
    act: (gateway, _person, { cookie, uri }) =>
      ask(gateway, '/two-factor/verify-totp', { cookie, body: { code: totp(uri) } }),
    says: ['sign_in success second_factor totp'],
  }),
  act({
    name: 'a wrong second factor',
    before: firstStep,
    act: (gateway, _person, { cookie }) =>
      ask(gateway, '/two-factor/verify-totp', { cookie, body: { code: '000000' } }),
    says: ['sign_in failure second_factor totp code_wrong'],
    actor: 'unknown',
  }),
  act({
    name: 'a backup code',
    before: firstStep,
    act: (gateway, _person, { cookie, backupCodes }) =>
      ask(gateway, '/two-factor/verify-backup-code', { cookie, body: { code: backupCodes[0] } }),
    says: ['sign_in success second_factor backup_code'],
  }),
  act({
    name: 'turning it off',
    before: enableTotp,
    act: (gateway, _person, { cookie }) =>
      ask(gateway, '/two-factor/disable', { cookie, body: { password } }),
    says: ['second_factor.disabled success', 'session.replaced success'],
  }),
  act({
    name: 'turning it off with a wrong password',
    before: enableTotp,
    act: (gateway, _person, { cookie }) =>
      ask(gateway, '/two-factor/disable', { cookie, body: { password: 'wrong' } }),
    says: ['second_factor.disabled failure credentials_wrong'],
  }),
]
