import t from 'tap'
import { password, signUp, someAddress, startGateway } from '../../helper/gateway.ts'
import { setCookies, sql, view } from '../../session/calls.ts'
import { saidBy, sendForm, viewOf } from './forms.ts'

const upstream = 'http://127.0.0.1:9'
const signIn = { form: 'sign-in', email: 'ada@example.com', password, remember: 'on' }

t.test('the right password leads on, with a session', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  const query = `?return_to=${encodeURIComponent('/todos?page=2&q=café#top')}`
  const reply = await sendForm(gateway, signIn, { query })
  t.equal(reply.status, 303)
  t.equal(reply.headers['location'], '/todos?page=2&q=caf%C3%A9#top')
  t.equal(reply.headers['cache-control'], 'private, no-store')
  t.equal(reply.text, '')
  t.match(await view(gateway, reply.cookie), { authenticated: true })
  const [cookie = ''] = setCookies(reply)
  t.match(cookie, /Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax/)
  const { remember: _ticked, ...forgotten } = signIn
  const short = await sendForm(gateway, forgotten)
  t.equal(short.headers['location'], '/')
  t.notMatch(
    setCookies(short).find((each) => each.includes('session_token')),
    'Max-Age',
  )
})

t.test(
  'a wrong password is told on the page, which keeps the address and no password',
  async (t) => {
    const gateway = await startGateway(t, { upstream })
    await signUp(gateway)
    const wrong = 'sesame "open" <b>'
    const reply = await sendForm(
      gateway,
      { ...signIn, email: 'ada@example.com', password: wrong },
      { query: '?return_to=/todos&reauth=1' },
    )
    t.equal(reply.status, 401)
    t.equal(saidBy(reply), 'The e-mail address or the password is not right.')
    t.match(reply.text, /<input[^>]*id="in-email"[^>]* value="ada@example.com"/)
    t.match(reply.text, /<input[^>]*id="in-password"[^>]* aria-invalid="true" autofocus/)
    t.match(reply.text, '<title>Error: Sign in</title>')
    t.match(reply.text, 'action="/_gateway/login?reauth=1&amp;return_to=%2Ftodos"')
    t.notMatch(reply.text, 'sesame')
    t.notMatch(JSON.stringify(gateway.log), 'sesame', 'nor is it in the log')
    t.notOk(setCookies(reply).some((each) => /session_token=[^;]/.test(each)))
    t.match(reply.headers, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': /^default-src 'none'; script-src 'nonce-/,
    })
    t.match((await sendForm(gateway, { ...signIn, email: 'nobody' })).status, 400)
  },
)

t.test('nobody can tell from the answer whether an address has an account', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  const known = await sendForm(gateway, { ...signIn, password: 'wrong password' })
  const unknown = await sendForm(gateway, {
    ...signIn,
    email: 'eve@example.com',
    password: 'wrong password',
  })
  t.equal(unknown.status, known.status)
  t.equal(saidBy(unknown), saidBy(known))
})

t.test('attempts are counted as those by the script are, by the client’s address', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  const address = someAddress()
  const wrong = { ...signIn, password: 'wrong password' }
  for (let attempt = 0; attempt < 3; attempt += 1)
    t.equal((await sendForm(gateway, wrong, { address })).status, 401)
  const reply = await sendForm(gateway, signIn, { address })
  t.equal(reply.status, 429)
  t.match(saidBy(reply), /^Too many attempts\. Try again in \d+ seconds?\.$/)
  t.match(reply.headers['retry-after'], /^\d+$/)
  t.equal((await sendForm(gateway, signIn)).status, 303, 'somebody else is not held up')
})

t.test('an account is made, by the rules of those who may have one', async (t) => {
  const gateway = await startGateway(t, { upstream, auth: 'signUp: { domains: [example.com] }' })
  const form = { form: 'sign-up', name: ' Ada ', email: 'ada@elsewhere.test', password }
  const refused = await sendForm(gateway, form)
  t.equal(refused.status, 403)
  t.equal(viewOf(refused), 'sign-up')
  t.match(saidBy(refused), 'an e-mail address of this domain')
  t.match(refused.text, /<input[^>]*id="up-name"[^>]* value="Ada"/)
  const reply = await sendForm(
    gateway,
    { ...form, email: 'ada@example.com' },
    { query: '?return_to=/todos' },
  )
  t.equal(reply.headers['location'], '/todos')
  t.match(await view(gateway, reply.cookie), { user: { name: 'Ada' } })
  const closed = await startGateway(t, { upstream, auth: 'signUp: closed' })
  t.equal((await sendForm(closed, form)).status, 400, 'what is not offered is no form of ours')
})

t.test('a store that is away is told on the page', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  sql(gateway, 'ALTER TABLE account RENAME TO lost')
  const reply = await sendForm(gateway, signIn)
  t.equal(reply.status, 503)
  t.match(saidBy(reply), 'Signing in is not possible at the moment')
  t.match(reply.text, 'value="ada@example.com"')
  t.equal(reply.headers['retry-after'], '1')
})

t.test('what is no form of ours is refused', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const text = new URLSearchParams(signIn).toString()
  const code = async (...given: Parameters<typeof sendForm>) => {
    const reply = await sendForm(...given)
    return `${String(reply.status)} ${String(reply.headers['x-sallyport-code'])}`
  }
  const malformed = '400 request_malformed'
  for (const [what, body] of [
    ['a field twice', `${text}&email=eve@example.com`],
    ['a form twice', `${text}&form=sign-up`],
    ['none', ''],
    ['an unknown one', text.replace('form=sign-in', 'form=constructor')],
    ['one that needs mail', text.replace('form=sign-in', 'form=forgot')],
  ] as const)
    t.equal(await code(gateway, body), malformed, what)
  const json = JSON.stringify(signIn)
  for (const contentType of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    t.equal(await code(gateway, json, { contentType }), malformed, contentType)
  const charset = { contentType: 'application/x-www-form-urlencoded; charset=utf-8' }
  t.equal(await code(gateway, signIn, charset), '401 undefined')
  const large = { ...signIn, name: 'x'.repeat(8192) }
  t.equal(await code(gateway, large), '413 body_too_large')
})
