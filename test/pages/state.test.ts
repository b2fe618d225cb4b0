import t from 'tap'
import type { Offers } from '../../src/pages/login/offers.ts'
import { toProvider } from '../../src/pages/login/providers.ts'
import { stateOf, type PageQuery } from '../../src/pages/login/state.ts'

const everything: Offers = {
  email: true,
  signUp: 'open',
  minPasswordLength: 8,
  resets: true,
  confirms: true,
  providers: [],
  secondFactor: { totp: true, otp: true, backup: true, trustDays: 30 },
}

const token = 'abcdefghijklmnopqrstuvwx'

function shownFor(query: PageQuery, offers: Partial<Offers> = {}) {
  const { view, text, tone, token } = stateOf(query, { ...everything, ...offers }, ['/api/auth'])
  return { view, text, tone, token }
}

t.test(
  'the query chooses a view that is offered, and else there is the form to sign in',
  async (t) => {
    for (const view of ['sign-up', 'forgot', 'verify', 'totp', 'otp', 'backup'])
      t.equal(shownFor({ view }).view, view)
    for (const view of ['', 'SIGN-UP', 'constructor', 'send-code', 'reset '])
      t.equal(shownFor({ view }).view, 'sign-in', view)
    t.equal(shownFor({ view: ['sign-up', 'sign-up'] }).view, 'sign-in', 'twice')
    t.equal(shownFor({ view: 'sign-up' }, { signUp: 'closed' }).view, 'sign-in')
    t.equal(shownFor({ view: 'sign-up' }, { email: false }).view, 'sign-in')
    t.equal(shownFor({ view: 'forgot' }, { resets: false }).view, 'sign-in')
    t.equal(shownFor({ view: 'verify' }, { confirms: false }).view, 'sign-in')
    t.equal(shownFor({ view: 'totp' }, { secondFactor: null }).view, 'sign-in')
  },
)

t.test(
  'a link for another password leads to its form, or to asking for another link',
  async (t) => {
    t.same(shownFor({ view: 'reset', token }), { view: 'reset', text: '', tone: 'notice', token })
    const expired = shownFor({ view: 'reset', error: 'INVALID_TOKEN' })
    t.match(expired, { view: 'forgot', text: 'That link has expired', tone: 'error', token: null })
    for (const wrong of [undefined, '', 'short', `${token}"`, 'x'.repeat(129), [token, token]]) {
      const shown = shownFor({ view: 'reset', token: wrong })
      t.match(shown, { view: 'forgot', text: 'Open the link in the message again', token: null })
    }
    t.equal(shownFor({ view: 'sign-in', token }).token, null)
  },
)

t.test('a link that confirms an address says so, or offers another', async (t) => {
  t.match(shownFor({ confirmed: '1' }), { view: 'sign-in', text: 'is confirmed', tone: 'notice' })
  const expired = { view: 'verify', text: 'That link has expired', tone: 'error' }
  t.match(shownFor({ confirmed: '1', error: 'TOKEN_EXPIRED' }), expired)
  t.match(shownFor({ confirmed: '1', error: 'x' }, { confirms: false }).view, 'sign-in')
})

t.test('what a provider said is put in words of ours, never shown', async (t) => {
  t.match(shownFor({ error: 'sign_up_closed' }), { text: 'New accounts cannot', tone: 'error' })
  t.match(shownFor({ error: 'access_denied' }).text, 'was not allowed')
  t.match(shownFor({ error: 'unable_to_link_account' }).text, 'the way you did before')
  for (const error of ['invalid_code', '<b>x</b>', 'constructor', '__proto__', 'INVALID_TOKEN'])
    t.match(shownFor({ error }).text, /^Signing in with that provider did not succeed/)
})

t.test('who has to sign in again is told so, unless there is more to say', async (t) => {
  t.equal(shownFor({ reauth: '1' }).text, 'Sign in again to go on.')
  t.equal(shownFor({ reauth: '1', view: 'sign-up' }).text, '')
  t.match(shownFor({ reauth: '1', error: 'x' }).text, 'that provider')
  t.equal(shownFor({ reauth: '0' }).text, '')
})

t.test('providers are named as people know them', async (t) => {
  const names = [
    ['github', 'GitHub', 'GitHub'],
    ['gitlab', 'Gitlab', 'GitLab'],
    ['microsoft', 'Microsoft EntraID', 'Microsoft'],
    ['company-sso', 'company-sso', 'Company-sso'],
    ['company-sso', ' ', 'Company-sso'],
    ['constructor', 'Constructor Ltd', 'Constructor Ltd'],
  ] as const
  for (const [id, name, shown] of names) t.same(toProvider(id, name), { id, name: shown })
})
