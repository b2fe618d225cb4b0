// Open redirects by the form: everything that could name another place is tried, wherever the form could take it from.
import t from 'tap'
import { password, signUp, startGateway } from '../../helper/gateway.ts'
import { sendForm } from '../../gateway/login/forms.ts'

const upstream = 'http://127.0.0.1:9'
const form = { form: 'sign-in', email: 'ada@example.com', password }

const elsewhere = [
  'https://evil.test/',
  '//evil.test',
  '///evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  '/\t/evil.test',
  '/.//evil.test',
  '/%2e//evil.test',
  '/a/..//evil.test',
  'javascript:alert(1)',
  '/a\r\nset-cookie: x=1',
  '/api/auth/sign-out',
  '/_gateway/login?return_to=//evil.test',
]

t.test(
  'a form leads to a path of this origin, and where it names none to the start page',
  async (t) => {
    const gateway = await startGateway(t, { upstream })
    await signUp(gateway)
    for (const value of elsewhere) {
      const query = `?return_to=${encodeURIComponent(value)}`
      const reply = await sendForm(gateway, form, { query })
      t.equal(reply.status, 303)
      t.equal(reply.headers['location'], '/', JSON.stringify(value))
    }
    const twice = await sendForm(gateway, form, { query: '?return_to=/a&return_to=//evil.test' })
    t.equal(twice.headers['location'], '/', 'one that is there twice')
  },
)

t.test('only the address of the form says where it leads, never its fields', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  const smuggled = {
    return_to: '//evil.test',
    callbackURL: 'https://evil.test/',
    redirectTo: 'https://evil.test/',
    'return_to[]': '/a',
  }
  const reply = await sendForm(gateway, { ...form, ...smuggled }, { query: '?return_to=/todos' })
  t.equal(reply.headers['location'], '/todos')
  t.equal(reply.headers['refresh'], undefined)
})

t.test('a page that comes back keeps only a safe place to go to', async (t) => {
  const gateway = await startGateway(t, { upstream })
  await signUp(gateway)
  const query = `?return_to=${encodeURIComponent('//evil.test')}`
  const reply = await sendForm(gateway, { ...form, password: 'wrong password' }, { query })
  t.match(reply.text, 'action="/_gateway/login"')
  t.match(reply.text, 'data-return-to="/"')
  t.notMatch(reply.text, 'evil.test')
})
