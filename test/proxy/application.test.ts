import t from 'tap'
import { anonymous } from '../../src/assertion/assert.ts'
import type { Principal } from '../../src/authn/principal.ts'
import type { RouteConfig } from '../../src/config/types.ts'
import { readHead } from '../../src/head.ts'
import {
  clientHeadersOf,
  upstreamHeadersOf,
  type Admitted,
} from '../../src/proxy/headers/admitted.ts'
import {
  createApplicationFilter,
  hearApplication,
  type ToldSession,
} from '../../src/proxy/headers/application.ts'
import { createCookieFilter, type HeaderRules } from '../../src/proxy/headers.ts'
import { isAuthCookieName } from '../../src/session/cookies.ts'
import { signCookie } from '../helper/token.ts'

const name = 'better-auth.session_token'
const cookie = `${name}=${signCookie('t'.repeat(32))}`
const refreshed = `${name}=refreshed; Path=/`
const user = { id: 'ada' }
const principal = {
  ...{ kind: 'session', via: 'cookie', userId: 'ada' },
  session: { id: 'session-1', user, impersonatedBy: null },
} as unknown as Principal

function rulesWith(told: ToldSession[] = []): HeaderRules {
  const names = { token: name, dontRemember: 'better-auth.dont_remember' }
  return {
    identityNames: new Set(['x-user-id']),
    isAuthCookie: isAuthCookieName,
    filterCookies: createCookieFilter(isAuthCookieName),
    publicProtocol: 'https',
    application: {
      upstreams: new Set(['web']),
      cookieName: name,
      filterCookies: createApplicationFilter(isAuthCookieName, names),
      onSession: (each) => told.push(each),
    },
  }
}

function admitted(
  more: Partial<Admitted['admission']> = {},
  raw: readonly string[] = [],
): Admitted {
  const route = {
    ...{ name: 'web', serve: { kind: 'upstream', upstream: 'web', stripPrefix: null } },
    ...{ auth: { forwardAuthorization: false }, headers: { request: [], response: [] } },
    ...{ cors: null, rateLimit: null, observe: null },
  } as unknown as RouteConfig
  return {
    head: readHead('GET', '/', ['cookie', cookie, 'user-agent', 'a browser', ...raw]),
    requestId: 'request-1',
    admission: {
      ...{ assertion: anonymous, route, principal, setCookies: [refreshed] },
      ...{ answerHeaders: [], observed: null, knownAs: null, ...more },
    },
  }
}

function answered(setCookies: readonly string[], request = admitted()): readonly string[] {
  const raw = setCookies.flatMap((value) => ['Set-Cookie', value])
  const flat = clientHeadersOf(200, raw, request, rulesWith())
  return flat.filter((_, index) => index % 2 === 1 && flat[index - 1] === 'set-cookie')
}

function heard(setCookies: readonly string[], request = admitted()): readonly ToldSession[] {
  const told: ToldSession[] = []
  const raw = setCookies.flatMap((value) => ['Set-Cookie', value])
  hearApplication(raw, request, rulesWith(told))
  return told
}

t.test('of the cookies that the application sets, those of the session replace ours', async (t) => {
  t.strictSame(answered([]), [refreshed])
  t.strictSame(answered(['a=1']), ['a=1', refreshed])
  const cleared = `${name}=; Max-Age=0`
  t.strictSame(answered([cleared, 'a=1']), ['a=1', cleared])
  const other = 'better-auth.two_factor=x'
  t.strictSame(answered([other]), [refreshed, other])
})

t.test('the answer to a handshake sets no cookie of Better Auth, and ends nothing', async (t) => {
  const request = admitted({ setCookies: [] }, ['upgrade', 'websocket'])
  t.strictSame(answered([`${name}=x`, 'a=1'], request), ['a=1'])
  t.strictSame(heard([`${name}=`], request), [])
})

t.test(
  'what an answer says of the session is what its last cookie of that name says',
  async (t) => {
    const what = (...setCookies: readonly string[]): string | undefined =>
      heard(setCookies)[0]?.what
    t.equal(what(`${cookie}; Max-Age=604800`), 'extended')
    t.equal(what(`${name}=${signCookie('o'.repeat(32))}`), 'begun')
    t.equal(what(`${name}=; Path=/`), 'ended')
    t.equal(what(`${cookie}; path=/; max-age=0`), 'ended')
    t.equal(what(`${cookie};Max-Age=-1;Path=/`), 'ended')
    t.equal(what(`${cookie}; Max-Age=01`), 'extended')
    t.equal(what(`${name}=; Max-Age=0`, cookie), 'extended')
    t.equal(what(cookie, `${name}=; Max-Age=0`), 'ended')
    t.equal(what(`__Secure-${name}=`), undefined)
    t.equal(what('a=1'), undefined)
    const sent = { sessionId: 'session-1', userId: 'ada', token: 't'.repeat(32) }
    t.match(heard([`${name}=`]), [{ sent, requestId: 'request-1', userAgent: 'a browser' }])
    t.match(heard([`${name}=`], admitted({ principal: null })), [{ what: 'ended', sent: null }])
    const bearer = { ...principal, via: 'bearer' } as Principal
    t.match(heard([`${name}=`], admitted({ principal: bearer })), [{ sent: null }])
  },
)

t.test('what is said of upstreams does not touch files, nor other upstreams', async (t) => {
  for (const serve of [
    { kind: 'static' },
    { kind: 'upstream', upstream: 'api', stripPrefix: null },
  ]) {
    const route = { ...admitted().admission.route, serve } as unknown as RouteConfig
    const request = admitted({ route })
    t.notOk(upstreamHeadersOf(request, rulesWith()).includes('cookie'))
    t.strictSame(heard([`${name}=`], request), [])
    t.strictSame(answered([`${name}=x`], request), [refreshed])
  }
  t.ok(upstreamHeadersOf(admitted(), rulesWith()).includes(cookie))
})
