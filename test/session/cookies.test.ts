import t from 'tap'
import { RemoteClient } from '../../src/session/remote/client/client.ts'
import {
  authCookieTest,
  clearingCookies,
  sessionCookieNames,
  type CookieConfig,
} from '../../src/session/cookies.ts'
import { createLogger } from '../../src/ops/log.ts'
import { systemClock } from '../../src/clock.ts'

function config(publicUrl: string, cookie?: string | null): CookieConfig {
  const remote = cookie === undefined ? null : { url: 'http://auth', cookie, pushSecret: null }
  return { server: { publicUrl }, auth: { remote } }
}

const [http, https] = ['http://app.test', 'https://app.test']

t.test('one name is read: ours, or that of a Better Auth elsewhere', async (t) => {
  const table: readonly [CookieConfig, string, string][] = [
    [config(http), 'better-auth.session_token', 'better-auth.dont_remember'],
    [config(https), '__Host-better-auth.session_token', '__Host-better-auth.dont_remember'],
    [config(http, null), 'better-auth.session_token', 'better-auth.dont_remember'],
    [
      config(https, null),
      '__Secure-better-auth.session_token',
      '__Secure-better-auth.dont_remember',
    ],
    [
      config(https, 'better-auth.session_token'),
      'better-auth.session_token',
      'better-auth.dont_remember',
    ],
    [
      config(https, '__Host-shop.session_token'),
      '__Host-shop.session_token',
      '__Host-shop.dont_remember',
    ],
    [config(https, 'sid'), 'sid', '__Secure-better-auth.dont_remember'],
  ]
  for (const [given, token, dontRemember] of table) {
    t.strictSame(sessionCookieNames(given), { token, dontRemember })
  }
})

t.test('its whole family is kept from FastAPI, under every prefix', async (t) => {
  const isAuthCookie = authCookieTest(config(https, '__Secure-shop.session_token'))
  for (const name of [
    '__Secure-shop.session_token',
    '__Secure-shop.session_token_multi-abc',
    'shop.session_data.0',
    '__Host-shop.two_factor',
    'better-auth.session_token',
    '__Host-better-auth.state',
  ]) {
    t.ok(isAuthCookie(name), name)
  }
  for (const name of [
    'shop',
    'shopping.cart',
    'x-shop.session_token',
    'Shop.session_token',
    'theme',
  ]) {
    t.notOk(isAuthCookie(name), name)
  }
  t.ok(authCookieTest(config(https, 'sid'))('sid'))
  t.notOk(authCookieTest(config(https, 'sid'))('sid2'))
})

t.test('cookies are cleared as they were set', async (t) => {
  t.strictSame(clearingCookies(config(http)), [
    'better-auth.session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    'better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    'better-auth.dont_remember=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
  ])
  t.match(clearingCookies(config(https, 'sid')), [
    'sid=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    /^__Secure-better-auth\.session_data=/,
    /^__Secure-better-auth\.dont_remember=/,
  ])
  t.match(clearingCookies(config(http, '__Secure-x.session_token')), [
    /; Secure;/,
    /; Secure;/,
    /; Secure;/,
  ])
})

t.test(
  'an address inside is asked for what browsers ask for, a server with a certificate by its name',
  async (t) => {
    for (const [url, host, basePath] of [
      ['http://auth:3000', 'app.test', ''],
      ['http://auth:3000/sso', 'app.test', '/sso'],
      ['https://auth.example.com', 'auth.example.com', ''],
      ['https://auth.example.com:8443/sso', 'auth.example.com:8443', '/sso'],
    ] as const) {
      const logger = createLogger('silent')
      const client = new RemoteClient({ url, publicUrl: https, clock: systemClock, logger })
      t.match(client, { host, basePath }, url)
      await client.close()
    }
  },
)
