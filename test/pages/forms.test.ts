import t from 'tap'
import { toCall } from '../../src/pages/browser/calls.js'
import { outcomeOf } from '../../src/pages/browser/outcome.js'
import type { Answer, FormName } from '../../src/pages/browser/types.ts'
import { explain } from '../../src/pages/browser/words.js'

const place = { page: 'https://app.test/_gateway/login', returnTo: '/a?b=1', confirms: true }
const back = 'https://app.test/_gateway/login?confirmed=1&return_to=%2Fa%3Fb%3D1'

t.test('each form asks Better Auth what it is there for', async (t) => {
  const cases = [
    [
      'sign-in',
      { email: ' ada@example.com ', password: ' a b ', remember: 'on' },
      '/sign-in/email',
      { email: 'ada@example.com', password: ' a b ', rememberMe: true, callbackURL: back },
    ],
    [
      'sign-up',
      { name: ' Ada ', email: 'ada@example.com', password: 'x' },
      '/sign-up/email',
      { name: 'Ada', email: 'ada@example.com', password: 'x', callbackURL: back },
    ],
    [
      'forgot',
      { email: 'ada@example.com' },
      '/request-password-reset',
      {
        email: 'ada@example.com',
        redirectTo: 'https://app.test/_gateway/login?view=reset&return_to=%2Fa%3Fb%3D1',
      },
    ],
    ['reset', { token: 't', password: 'x' }, '/reset-password', { token: 't', newPassword: 'x' }],
    [
      'verify',
      { email: 'ada@example.com' },
      '/send-verification-email',
      { email: 'ada@example.com', callbackURL: back },
    ],
    [
      'totp',
      { code: ' 123 456 ', trust: 'on' },
      '/two-factor/verify-totp',
      { code: '123456', trustDevice: true },
    ],
    ['otp', { code: '123-456' }, '/two-factor/verify-otp', { code: '123456', trustDevice: false }],
    [
      'backup',
      { code: ' aB3de-fG7hi ' },
      '/two-factor/verify-backup-code',
      { code: 'aB3de-fG7hi', trustDevice: false },
    ],
    ['send-code', {}, '/two-factor/send-otp', {}],
  ] as const
  for (const [form, fields, path, body] of cases)
    t.strictSame(toCall(form, fields, place), { path, body }, form)
  const { body } = toCall('sign-in', {}, { ...place, confirms: false })
  t.strictSame(body, { email: '', password: '', rememberMe: false })
  t.strictSame(toCall('forgot', {}, { ...place, returnTo: '/' }).body, {
    email: '',
    redirectTo: 'https://app.test/_gateway/login?view=reset',
  })
})

function after(form: FormName, status: number, body: Answer['body'], confirms = true) {
  const { view, text, tone, wrong, methods } = outcomeOf(
    form,
    { status, retryAfter: null, body },
    { confirms },
  )
  return { view, text, tone, wrong, methods }
}

t.test('who is signed in goes on; whoever is not is shown what comes next', async (t) => {
  for (const form of ['sign-in', 'sign-up', 'totp', 'otp', 'backup'] as const)
    t.equal(after(form, 200, { token: 'x' }).view, null, form)
  t.match(after('sign-up', 200, { token: null }), { view: 'verify', text: 'Almost there' })
  t.match(after('sign-up', 200, { token: null }, false), { view: 'sign-in', text: 'is there' })
  t.match(after('forgot', 200, {}), { view: 'forgot', text: 'If an account', tone: 'notice' })
  t.match(after('verify', 200, {}), { view: 'verify', text: 'If this address', tone: 'notice' })
  t.match(after('reset', 200, {}), { view: 'sign-in', text: 'has been changed' })
  t.match(after('send-code', 200, {}), { view: 'otp', text: 'We have sent you a code' })
})

t.test('a second factor is asked for in the way that the account has', async (t) => {
  const asked = (twoFactorMethods: unknown) =>
    after('sign-in', 200, { twoFactorRedirect: true, twoFactorMethods })
  t.match(asked(['totp', 'otp']), { view: 'totp', methods: ['totp', 'otp'], tone: 'notice' })
  t.match(asked(['otp']), { view: 'otp', methods: ['otp'] })
  for (const methods of [[], ['passkey'], undefined, 'totp'])
    t.match(asked(methods), { view: 'sign-in', tone: 'error', text: 'a second factor' })
})

t.test('a refusal leads to where something can be done about it', async (t) => {
  const cases = [
    ['sign-in', 401, 'INVALID_EMAIL_OR_PASSWORD', 'sign-in', 'password'],
    ['sign-in', 400, 'INVALID_EMAIL', 'sign-in', 'email'],
    ['sign-up', 400, 'PASSWORD_COMPROMISED', 'sign-up', 'password'],
    ['sign-in', 403, 'EMAIL_NOT_VERIFIED', 'verify', null],
    ['reset', 400, 'INVALID_TOKEN', 'forgot', null],
    ['reset', 400, 'PASSWORD_TOO_SHORT', 'reset', 'password'],
    ['totp', 401, 'INVALID_CODE', 'totp', 'code'],
    ['totp', 401, 'INVALID_TWO_FACTOR_COOKIE', 'sign-in', null],
    ['totp', 400, 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE', 'sign-in', null],
    ['otp', 400, 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE', 'otp', null],
    ['otp', 400, 'OTP_HAS_EXPIRED', 'otp', 'code'],
    ['backup', 401, 'INVALID_BACKUP_CODE', 'backup', 'code'],
    ['send-code', 400, 'OTP_NOT_CONFIGURED', 'totp', null],
    ['send-code', 429, 'x', 'otp', null],
  ] as const
  for (const [form, status, code, view, wrong] of cases)
    t.match(after(form, status, { code }), { view, wrong, methods: null }, `${form} ${code}`)
  t.equal(after('sign-in', 403, { code: 'EMAIL_NOT_VERIFIED' }, false).view, 'sign-in')
  t.equal(after('sign-in', 403, { code: 'EMAIL_NOT_VERIFIED' }).tone, 'notice')
  t.equal(after('verify', 500, {}).tone, 'error')
})

t.test('every refusal has words, and only Better Auth’s own are repeated', async (t) => {
  const said = (
    form: string,
    status: number,
    body: Answer['body'],
    retryAfter: string | null = null,
  ) => explain(form, { status, retryAfter, body })
  t.equal(said('x', 429, {}, '1'), 'Too many attempts. Try again in a second.')
  t.equal(said('x', 429, {}, '60'), 'Too many attempts. Try again in 60 seconds.')
  t.equal(said('x', 429, {}, '91'), 'Too many attempts. Try again in 2 minutes.')
  for (const unusable of ['', 'soon', '-1', '0', null])
    t.match(said('x', 429, {}, unusable), 'Wait a moment')
  t.match(said('x', 429, { code: 'ACCOUNT_TEMPORARILY_LOCKED' }), 'takes none for a while')
  t.match(said('sign-in', 503, { message: 'secret' }), /^Signing in is not possible at the moment/)
  t.match(said('reset', 500, {}), /^Changing the password is not/)
  t.equal(said('x', 403, { message: 'You are banned.' }), 'You are banned.')
  t.equal(
    said('x', 400, { code: 'constructor', message: 7 }),
    'That did not work (400). Try again.',
  )
  t.equal(said('x', 400, { message: 'y'.repeat(1000) }).length, 300)
})
