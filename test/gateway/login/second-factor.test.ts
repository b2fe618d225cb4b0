import t, { type Test } from 'tap'
import { mailModule, mailsIn } from '../../pages/mail.ts'
import { password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { call, setCookies, view } from '../../session/calls.ts'
import { saidBy, sendForm, totpOf, viewOf } from './forms.ts'

const upstream = 'http://127.0.0.1:9'
const signIn = { form: 'sign-in', email: 'ada@example.com', password, remember: 'on' }

interface Enrolled {
  readonly gateway: Running
  readonly uri: string
  readonly backupCodes: readonly string[]
}

/** Ada, with an authenticator app. */
async function enroll(t: Test, twoFactor: string): Promise<Enrolled> {
  const gateway = await startGateway(t, {
    upstream,
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': mailModule({ twoFactor }) },
  })
  const { cookie } = await signUp(gateway)
  const enabled = (await call(gateway, '/two-factor/enable', { cookie, body: { password } })).json()
  const uri = enabled['totpURI'] as string
  const body = { code: totpOf(uri) }
  const reply = await call(gateway, '/two-factor/verify-totp', { cookie, body })
  t.equal(reply.status, 200)
  return { gateway, uri, backupCodes: enabled['backupCodes'] as string[] }
}

/** A browser keeps what is set and drops what is cleared. */
function cookiesAfter(reply: Parameters<typeof setCookies>[0]): string {
  return setCookies(reply)
    .filter((cookie) => !cookie.includes('Max-Age=0'))
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

t.test('after the password the code of an app is asked for, and then one is in', async (t) => {
  const { gateway, uri } = await enroll(t, '')
  const asked = await sendForm(gateway, signIn, { query: '?return_to=/todos' })
  t.equal(asked.status, 200)
  t.equal(viewOf(asked), 'totp')
  t.notMatch(asked.text, 'send-code', 'where no code can be sent, none is offered')
  const cookie = cookiesAfter(asked)
  t.notMatch(cookie, /session_token/)
  t.match(await view(gateway, cookie), { authenticated: false })
  const wrong = await sendForm(gateway, { form: 'totp', code: '000000' }, { cookie })
  t.equal(wrong.status, 401)
  t.match([viewOf(wrong), saidBy(wrong)], ['totp', 'That code is not right.'])
  t.match(wrong.text, /<input[^>]*id="totp-code"[^>]* aria-invalid="true" autofocus/)
  const right = { form: 'totp', code: totpOf(uri) }
  const reply = await sendForm(gateway, right, { cookie, query: '?return_to=/todos' })
  t.match(reply, { status: 303, headers: { location: '/todos' } })
  t.match(await view(gateway, cookiesAfter(reply)), { authenticated: true })
})

t.test('a device that is trusted is not asked again', async (t) => {
  const { gateway, uri } = await enroll(t, '{ trustDeviceMaxAge: 864000 }')
  const asked = await sendForm(gateway, signIn)
  t.match(asked.text, 'Trust this device for 10 days')
  const form = { form: 'totp', code: totpOf(uri), trust: 'on' }
  const reply = await sendForm(gateway, form, { cookie: cookiesAfter(asked) })
  t.equal(reply.status, 303)
  const trusted = cookiesAfter(reply)
    .split('; ')
    .find((each) => each.includes('trust_device'))
  t.ok(trusted)
  t.equal((await sendForm(gateway, signIn, { cookie: trusted ?? '' })).status, 303)
  t.equal(viewOf(await sendForm(gateway, signIn)), 'totp', 'another device is')
})

t.test('a backup code works once, and a code can be sent', async (t) => {
  const { gateway, backupCodes } = await enroll(t, '{ otpOptions: { sendOTP } }')
  const [backupCode = ''] = backupCodes
  const first = await sendForm(gateway, signIn)
  const form = { form: 'backup', code: ` ${backupCode} ` }
  t.equal((await sendForm(gateway, form, { cookie: cookiesAfter(first) })).status, 303)
  const second = await sendForm(gateway, signIn)
  const again = await sendForm(gateway, form, { cookie: cookiesAfter(second) })
  t.match([viewOf(again), saidBy(again)], ['backup', 'or has been used already'])
  const cookie = cookiesAfter(second)
  const sent = await sendForm(gateway, { form: 'send-code' }, { cookie })
  t.match([sent.status, viewOf(sent), saidBy(sent)], [200, 'otp', 'We have sent you a code.'])
  const mail = mailsIn(gateway).at(-1)
  t.match(mail, { kind: 'code', to: 'ada@example.com' })
  const reply = await sendForm(gateway, { form: 'otp', code: mail?.text ?? '' }, { cookie })
  t.equal(reply.status, 303)
})

t.test('after too many wrong codes, or too long a time, one begins anew', async (t) => {
  const { gateway, uri } = await enroll(t, '')
  const cookie = cookiesAfter(await sendForm(gateway, signIn))
  for (let attempt = 0; attempt < 5; attempt += 1)
    t.equal((await sendForm(gateway, { form: 'totp', code: '000000' }, { cookie })).status, 401)
  const right = { form: 'totp', code: totpOf(uri) }
  const spent = await sendForm(gateway, right, { cookie })
  t.match([viewOf(spent), saidBy(spent)], ['sign-in', 'Too many wrong codes. Sign in again.'])
  const late = await sendForm(gateway, right, { cookie })
  t.match([late.status, viewOf(late), saidBy(late)], [401, 'sign-in', 'That took too long.'])
})
