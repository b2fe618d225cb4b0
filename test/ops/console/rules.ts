import { bearer, withToken } from './stage.ts'

/** Who asks, and what becomes of it. */
export interface Rule {
  readonly title: string
  readonly admin?: string
  readonly headers?: (url: string) => readonly string[]
  /** Of a read; the code of the problem, or null: it is answered. */
  readonly read: string | null
  readonly status?: number
}

/** Where others reach the listener too. */
export const open = '0.0.0.0:0'
export const rules: readonly Rule[] = [
  { title: 'from this machine, without a token', read: null },
  { title: 'where none is configured', admin: 'listen: "127.0.0.1:0"', read: null },
  {
    title: 'to localhost through a tunnel on another port',
    headers: () => ['host', 'localhost:8000'],
    read: null,
  },
  { title: 'to IPv6 loopback', admin: 'listen: "[::1]:0"', read: null },
  {
    title: 'a page elsewhere whose name was pointed here',
    headers: (url) => ['host', `evil.test:${new URL(url).port}`],
    read: 'token_required',
    status: 401,
  },
  {
    title: 'a name that only begins like loopback',
    headers: () => ['host', 'localhost.evil.test'],
    read: 'token_required',
  },
  {
    title: 'a name that only looks like an address',
    headers: () => ['host', '127.0.0.1.evil.test'],
    read: 'token_required',
  },
  {
    title: 'the same where no token is configured',
    admin: 'listen: "127.0.0.1:0"',
    headers: () => ['host', 'evil.test'],
    read: 'not_from_here',
    status: 403,
  },
  ...[
    'x-forwarded-for',
    'forwarded',
    'x-real-ip',
    'x-forwarded-proto',
    'via',
    'x-forwarded-host',
    'x-envoy-external-address',
    'cf-connecting-ip',
  ].map((name): Rule => ({
    title: `a proxy that says so by ${name}`,
    headers: () => [name, '127.0.0.1'],
    read: 'token_required',
  })),
  {
    title: 'a listener that is open to others',
    admin: `listen: "${open}"`,
    headers: () => ['host', 'localhost:9090'],
    read: 'not_from_here',
  },
  {
    title: 'the same with a token configured',
    admin: withToken.replace('127.0.0.1:0', open),
    headers: () => ['host', 'localhost:9090'],
    read: 'token_required',
  },
  {
    title: 'the same with the token',
    admin: withToken.replace('127.0.0.1:0', open),
    headers: () => ['host', 'gateway:9090', ...bearer()],
    read: null,
  },
  {
    title: 'the token behind a proxy',
    headers: () => ['x-forwarded-for', '203.0.113.9', ...bearer()],
    read: null,
  },
  {
    title: 'a wrong token, although this machine may read without',
    headers: () => bearer('wrong-wrong-wrong-wrong-wrong-wrong'),
    read: 'token_wrong',
    status: 401,
  },
  {
    title: 'the beginning of the token',
    headers: () => bearer('Zp4Qm8xW2vB7nT5yR0cJ9hL1gF6dS3a'),
    read: 'token_wrong',
  },
  { title: 'an empty token', headers: () => ['authorization', 'Bearer '], read: 'token_wrong' },
  {
    title: 'an empty token where none is configured',
    admin: 'listen: "127.0.0.1:0"',
    headers: () => ['authorization', 'Bearer '],
    read: 'token_wrong',
  },
  {
    title: 'another scheme',
    headers: () => ['authorization', 'Basic Zm9vOmJhcg=='],
    read: 'token_wrong',
  },
  {
    title: 'a cookie that was never given',
    headers: () => ['host', 'evil.test', 'cookie', '__Host-sallyport_console=made-up'],
    read: 'token_required',
  },
  {
    title: 'a page of another site',
    headers: () => ['sec-fetch-site', 'cross-site'],
    read: 'cross_site',
    status: 403,
  },
  {
    title: 'a page on another port of this machine',
    headers: () => ['sec-fetch-site', 'same-site'],
    read: 'cross_site',
  },
  {
    title: 'a page of another origin in an old browser',
    headers: () => ['origin', 'http://localhost:3000'],
    read: 'cross_site',
  },
  { title: 'a page without an origin', headers: () => ['origin', 'null'], read: 'cross_site' },
  {
    title: 'another page that has the token',
    headers: () => ['sec-fetch-site', 'cross-site', ...bearer()],
    read: 'cross_site',
  },
  {
    title: 'our own page',
    headers: (url) => ['sec-fetch-site', 'same-origin', 'origin', url],
    read: null,
  },
  { title: 'our own page in an old browser', headers: (url) => ['origin', url], read: null },
]
