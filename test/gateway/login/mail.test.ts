import t, { type Test } from 'tap'
import { mailModule, mailsIn, type MailOptions } from '../../pages/mail.ts'
import { origin, password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { outcome, view } from '../../session/calls.ts'
import { saidBy, sendForm, viewOf } from './forms.ts'

const upstream = 'http://127.0.0.1:9'

function start(t: Test, options: MailOptions = {}): Promise<Running> {
  return startGateway(t, {
    upstream,
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': mailModule(options) },
  })
}

/** Follows the link of a message to our page; answers with its query. */
async function follow(t: Test, gateway: Running, link: string): Promise<string> {
  const reply = await gateway.request(link.replace(origin, ''))
  const location = String(reply.headers['location'])
  t.ok(location.startsWith(`${origin}/_gateway/login?`), location)
  return location.replace(`${origin}/_gateway/login`, '')
}

const lastLink = (gateway: Running): string => mailsIn(gateway).at(-1)?.text ?? ''

t.test('a forgotten password is replaced by a link, which works once', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const forgot = { form: 'forgot', email: ' ada@example.com ' }
  const asked = await sendForm(gateway, forgot, { query: '?return_to=/todos' })
  t.match([asked.status, viewOf(asked)], [200, 'forgot'])
  const query = await follow(t, gateway, lastLink(gateway))
  t.match(query, 'return_to=%2Ftodos')
  const page = await gateway.request(`/_gateway/login${query}`)
  t.equal(viewOf(page), 'reset')
  t.match(page.headers, { 'referrer-policy': 'same-origin', 'cache-control': 'private, no-store' })
  const token = new URLSearchParams(query).get('token') ?? ''
  const short = await sendForm(gateway, { form: 'reset', token, password: 'short' }, { query })
  t.match([short.status, viewOf(short), saidBy(short)], [400, 'reset', 'too short'])
  t.match(short.text, `name="token" value="${token}"`, 'the link can be used yet')
  const changed = await sendForm(gateway, { form: 'reset', token, password: 'another password' })
  t.match([changed.status, viewOf(changed), saidBy(changed)], [200, 'sign-in', 'has been changed'])
  t.equal(
    await outcome(gateway, { cookie }),
    'session_revoked',
    'whoever was signed in no longer is',
  )
  const again = await sendForm(gateway, { form: 'reset', token, password: 'a third password' })
  t.match([viewOf(again), saidBy(again)], ['forgot', 'That link has expired, or has been used'])
  const used = await gateway.request(
    `/_gateway/login${await follow(t, gateway, lastLink(gateway))}`,
  )
  t.match([viewOf(used), saidBy(used)], ['forgot', 'That link has expired, or has been used'])
  const signIn = { form: 'sign-in', email: 'ada@example.com' }
  t.equal((await sendForm(gateway, { ...signIn, password })).status, 401)
  t.equal((await sendForm(gateway, { ...signIn, password: 'another password' })).status, 303)
})

t.test('who asks for a link is not told whether there is such an account', async (t) => {
  const gateway = await start(t)
  await signUp(gateway)
  const known = await sendForm(gateway, { form: 'forgot', email: 'ada@example.com' })
  const unknown = await sendForm(gateway, { form: 'forgot', email: 'eve@example.com' })
  t.equal(mailsIn(gateway).length, 1)
  t.equal(saidBy(known), saidBy(unknown))
  t.equal(known.status, unknown.status)
  const anonymous = (text: string) => text.replaceAll(/nonce="[^"]*"|(?:ada|eve)@/g, '')
  t.equal(anonymous(known.text), anonymous(unknown.text))
})

t.test('an address that must be confirmed is, by a message that can be sent again', async (t) => {
  const gateway = await start(t, { mustConfirm: true })
  const form = { form: 'sign-up', name: 'Ada', email: 'ada@example.com', password }
  const made = await sendForm(gateway, form, { query: '?return_to=/todos' })
  t.match([made.status, viewOf(made), saidBy(made)], [200, 'verify', 'Almost there'])
  const twice = await sendForm(gateway, form)
  t.equal(saidBy(twice), saidBy(made), 'nobody can tell that there is an account')
  const signIn = { form: 'sign-in', email: 'ada@example.com', password }
  const early = await sendForm(gateway, signIn)
  t.match([viewOf(early), saidBy(early)], ['verify', 'Confirm your e-mail address first'])
  t.match(early.text, /<input[^>]*id="verify-email"[^>]* value="ada@example.com"/)
  const sent = await sendForm(
    gateway,
    { form: 'verify', email: 'ada@example.com' },
    { query: '?return_to=/a' },
  )
  const none = await sendForm(gateway, { form: 'verify', email: 'eve@example.com' })
  t.equal(saidBy(sent), saidBy(none), 'here too')
  t.same(
    mailsIn(gateway).map(({ kind, to }) => `${kind} ${to}`),
    ['confirm ada@example.com', 'confirm ada@example.com'],
  )
  const query = await follow(t, gateway, lastLink(gateway))
  const page = await gateway.request(`/_gateway/login${query}`)
  t.match([viewOf(page), saidBy(page)], ['sign-in', 'Your e-mail address is confirmed.'])
  t.match(page.text, 'data-return-to="/a"')
  const reply = await sendForm(gateway, signIn)
  t.match(await view(gateway, reply.cookie), { authenticated: true })
  const broken = lastLink(gateway).replace(/token=[^&]+/, 'token=x')
  const wrong = await gateway.request(`/_gateway/login${await follow(t, gateway, broken)}`)
  t.match([viewOf(wrong), saidBy(wrong)], ['verify', 'That link has expired, or has been used'])
})

t.test('without mail none of it is offered', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const { text } = await gateway.request('/_gateway/login?view=forgot')
  t.notMatch(text, /forgot|verify|Forgot/)
})

t.test('nobody waits for a message to be sent, so that time does not tell either', async (t) => {
  const sending = Promise.withResolvers<undefined>()
  Object.assign(globalThis, { sending: sending.promise })
  const gateway = await startGateway(t, {
    upstream,
    auth: 'signUp: open, module: ./auth.ts',
    files: {
      'auth.ts': `import { appendFileSync } from 'node:fs'
        const file = new URL('mails.jsonl', import.meta.url)
        export default { emailAndPassword: { sendResetPassword: async ({ user }) => {
          await globalThis.sending
          appendFileSync(file, JSON.stringify({ to: user.email }) + '\\n')
          throw new Error('the mail server is away')
        } } }`,
    },
  })
  await signUp(gateway)
  const reply = await sendForm(gateway, { form: 'forgot', email: 'ada@example.com' })
  t.match([reply.status, saidBy(reply)], [200, 'If an account has this address'])
  t.same(mailsIn(gateway), [])
  sending.resolve(undefined)
  await gateway.gateway.close()
  t.match(mailsIn(gateway), [{ to: 'ada@example.com' }])
  const failure = gateway.log.find(({ msg }) => String(msg).includes('background'))
  t.match(failure, { level: 50, err: { message: 'the mail server is away' } })
})
