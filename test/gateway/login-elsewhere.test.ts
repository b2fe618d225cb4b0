import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { password, signUp, startGateway } from '../helper/gateway.ts'
import { sendForm } from './login/forms.ts'

const routes = `
  - { name: own, match: { path: /signin }, upstream: api, auth: none }
  - { name: api, match: { path: /api/* }, upstream: api }`

t.test('the built-in address leads to the sign-in page that was configured', async (t) => {
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, { upstream, routes, auth: 'loginPage: "/signin?by=x"' })
  const cases = [
    ['', '/signin?by=x'],
    ['?return_to=%2Ftodos%3Fpage%3D2', '/signin?by=x&return_to=%2Ftodos%3Fpage%3D2'],
    ['?reauth=1&return_to=/a', '/signin?by=x&reauth=1&return_to=%2Fa'],
    ['?reauth=2', '/signin?by=x'],
    ['?return_to=https://elsewhere.example', '/signin?by=x&return_to=%2F'],
    ['?return_to=//elsewhere.example', '/signin?by=x&return_to=%2F'],
    ['?return_to=/_gateway/login', '/signin?by=x&return_to=%2F'],
    ['?return_to=/a&return_to=/b', '/signin?by=x'],
    ['?return_to=/a%0d%0aSet-Cookie:x', '/signin?by=x&return_to=%2F'],
  ] as const
  for (const [query, location] of cases) {
    const reply = await gateway.request(`/_gateway/login${query}`)
    t.match(reply, { status: 302, headers: { location, 'cache-control': 'no-store' } }, query)
  }
})

t.test('where it is the one that was configured it is shown', async (t) => {
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, { upstream, auth: 'loginPage: "/_gateway/login?by=x"' })
  const reply = await gateway.request('/_gateway/login')
  t.match(reply, { status: 200, headers: { 'content-type': /^text\/html/ } })
})

t.test('and where it is another one no form is taken', async (t) => {
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, {
    upstream,
    routes,
    auth: 'signUp: open, loginPage: "/signin"',
  })
  const { email } = await signUp(gateway)
  const form = { form: 'sign-in', email, password }
  const reply = await sendForm(gateway, form, { query: '?return_to=/a' })
  t.match(reply, { status: 303, headers: { location: '/signin?return_to=%2Fa' } })
  t.equal(reply.headers['set-cookie'], undefined)
})
