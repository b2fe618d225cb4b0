import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { origin, password, startGateway } from '../../helper/gateway.ts'
import { setCookies, view } from '../../session/calls.ts'
import { startAuthServer } from '../../session/remote/server.ts'
import { saidBy, sendForm, viewOf } from './forms.ts'

const upstream = 'http://127.0.0.1:9'
const signIn = { form: 'sign-in', email: 'ada@example.com', password, remember: 'on' }

t.test('without JavaScript people sign in at a Better Auth elsewhere too', async (t) => {
  const remote = await startAuthServer(t)
  await remote.call('/sign-up/email', { name: 'Ada', email: signIn.email, password })
  const gateway = await startGateway(t, { upstream, auth: `mode: remote, url: "${remote.url}"` })
  await remote.asked()
  const wrong = await sendForm(gateway, { ...signIn, password: 'wrong password' })
  t.match([wrong.status, viewOf(wrong)], [401, 'sign-in'])
  t.equal(saidBy(wrong), 'The e-mail address or the password is not right.')
  const reply = await sendForm(gateway, signIn, { query: '?return_to=/todos', address: '10.1.2.3' })
  t.match(reply, { status: 303, headers: { location: '/todos' } })
  t.match(await view(gateway, reply.cookie), { authenticated: true, user: { name: 'Ada' } })
  const asked = (await remote.asked()).filter(({ url }) => url === '/api/auth/sign-in/email')
  t.equal(asked.length, 2)
  t.match(asked[1]?.headers, {
    origin,
    'content-type': 'application/json',
    'x-forwarded-for': '10.1.2.3',
    'content-length': String,
  })
  t.equal(asked[1]?.headers['accept-encoding'], undefined, 'its answer is read here')
})

t.test(
  'what the remote cannot be asked about is not offered, but what it asks for is',
  async (t) => {
    const remote = await startBackend(t, (_request, response) => {
      response.setHeader('set-cookie', 'better-auth.two_factor=x; Path=/; HttpOnly')
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ twoFactorRedirect: true, twoFactorMethods: ['totp'] }))
    })
    const gateway = await startGateway(t, { upstream, auth: `mode: remote, url: "${remote.url}"` })
    const { text } = await gateway.request('/_gateway/login')
    t.match(text, 'id="in-password"')
    t.notMatch(text, /Create an account|Forgot|data-provider|No way to sign in/)
    const reply = await sendForm(gateway, signIn)
    t.match([reply.status, viewOf(reply)], [200, 'totp'])
    t.same(setCookies(reply), ['better-auth.two_factor=x; Path=/; HttpOnly'])
    t.match(reply.text, /<li data-method="otp" hidden>/, 'the account has no other way')
  },
)

t.test('a remote that does not answer, or not in JSON, is told in words', async (t) => {
  const remote = await startBackend(t, (request, response) => {
    if (request.url?.endsWith('/sign-in/email') !== true) response.end('{}')
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
  })
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream, auth })
  const strange = await sendForm(gateway, signIn)
  t.match([strange.status, saidBy(strange)], [404, 'That did not work (404). Try again.'])
  const away = await startGateway(t, { upstream, auth: 'mode: remote, url: "http://127.0.0.1:9"' })
  const reply = await sendForm(away, signIn)
  t.match([reply.status, saidBy(reply)], [503, 'Signing in is not possible at the moment'])
  t.match(reply.text, 'value="ada@example.com"')
})
