// Login CSRF: a page of another site signs its visitors in to an account of its own, and waits for what they leave there. No cookie
// has to come along for that, so that the rule for requests with a cookie is not enough.
import t from 'tap'
import { host, origin, password, signUp, startGateway } from '../../helper/gateway.ts'
import { setCookies } from '../../session/calls.ts'
import { sendForm } from '../../gateway/login/forms.ts'

const upstream = 'http://127.0.0.1:9'
const mallory = { form: 'sign-in', email: 'mallory@example.com', password }

const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }],
  ['one that does not say where it is', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ['one whose browser says nothing but that', { 'sec-fetch-site': 'cross-site' }],
  [
    'another host of the same site',
    { 'sec-fetch-site': 'same-site', origin: 'http://evil.app.test' },
  ],
  ['an old browser', { origin: 'https://evil.test' }],
  ['an old browser without a name', { origin: 'null' }],
  ['our name with another scheme', { origin: `https://${host}` }],
  ['our name with another port', { origin: `${origin}:8080` }],
  ['our name and more', { origin: `${origin}.evil.test` }],
  ['a client that says nothing', {}],
  ['one that only says where it has been', { referer: `${origin}/_gateway/login` }],
]

const accepted: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['our own page', { 'sec-fetch-site': 'same-origin', origin }],
  ['our own page without Origin', { 'sec-fetch-site': 'same-origin' }],
  ['our own page without Sec-Fetch-Site', { origin }],
  [
    'a page of an origin that is trusted',
    { 'sec-fetch-site': 'same-site', origin: 'https://own.test' },
  ],
]

t.test('a form of another site signs nobody in', async (t) => {
  const gateway = await startGateway(t, {
    upstream,
    auth: 'signUp: open, trustedOrigins: ["https://own.test"]',
  })
  await signUp(gateway, mallory.email)
  for (const [what, from] of refused) {
    const reply = await sendForm(gateway, mallory, { from })
    t.equal(reply.status, 403, what)
    t.equal(reply.headers['x-sallyport-code'], 'origin_rejected', what)
    t.same(setCookies(reply), [], what)
  }
  const victim = await signUp(gateway, 'victim@example.com')
  const [, from = {}] = refused[0] ?? []
  const reply = await sendForm(gateway, mallory, { from, cookie: victim.cookie })
  t.equal(reply.status, 403, 'nor in the place of somebody')
  for (const [what, from] of accepted)
    t.equal((await sendForm(gateway, mallory, { from })).status, 303, what)
})

t.test('nor does one that makes an account, or asks for mail', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const from = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
  const form = { form: 'sign-up', name: 'Eve', email: 'eve@example.com', password }
  t.equal((await sendForm(gateway, form, { from })).status, 403)
  const now = await sendForm(gateway, { ...form, form: 'sign-in' })
  t.equal(now.status, 401, 'there is no such account')
})

t.test('the page itself may be come to from anywhere', async (t) => {
  const gateway = await startGateway(t, { upstream })
  for (const method of ['GET', 'HEAD'] as const) {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    t.equal((await gateway.request('/_gateway/login', { method, headers })).status, 200, method)
  }
})
