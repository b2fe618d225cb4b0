import { once } from 'node:events'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, origin, password, signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { send } from '../verify/questions.ts'
import { begin, refusalOf } from '../websocket/client.ts'

/** Everything that is secret in these requests holds it; it looks like a token, and like nothing that a route is called. */
const marker = 'Zk9Secret7Marker'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, websocket: true }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: true }
  - { name: files, match: { path: /files/* }, static: { dir: ./web }, auth: none }`

t.test('no secret of any request is written down anywhere', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    if (request.url?.includes('cut') === true) request.socket.destroy()
    else {
      const cookie = { 'set-cookie': `app=${marker}` }
      response.writeHead(request.url?.includes('no') === true ? 401 : 200, cookie).end('{}')
    }
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    yaml: `bearer: { apiKeys: true, sessionTokens: true }
verify: { from: [127.0.0.1], dialect: nginx }`,
    files: { web: {} as never },
  })
  const { cookie, email } = await signUp(gateway)
  const [token = ''] = /[^=]+$/.exec(cookie) ?? []
  const json = { 'content-type': 'application/json', origin }
  const post = (path: string, body: object, headers: object = {}) =>
    gateway.request(path, {
      method: 'POST',
      headers: { ...json, ...headers },
      body: JSON.stringify(body),
    })
  const get = (path: string, headers: Record<string, string> = {}) =>
    gateway.request(path, { headers })
  const good = mint(goodClaims())
  const answers = [
    await get('/api/x', { cookie: `better-auth.session_token=${marker}.${marker}; app=${marker}` }),
    await get(`/api/x?access_token=${marker}&ticket=${marker}`, { cookie }),
    await get('/api/x', { authorization: `Bearer ${marker}` }),
    await get('/api/x', { authorization: `Bearer ${marker}.${marker}.${marker}` }),
    await get('/api/x', { authorization: `Bearer ${good}` }),
    await get('/api/x', {
      authorization: `Bearer ${mint(goodClaims(), { secret: marker.repeat(3) })}`,
    }),
    await get('/api/x', { authorization: `Basic ${marker}` }),
    await get('/api/x', { 'x-api-key': marker }),
    await get('/api/no', { cookie, 'x-app-secret': marker }),
    await get('/api/cut', { cookie, 'x-app-secret': marker }),
    await get(`/open/x?password=${marker}`),
    await get(`/open/x%3Fticket=${marker}`),
    await get(`/open/x;jsessionid=1?${marker}`),
    await get(`/nowhere?${marker}`),
    await get(`/files/x?${marker}`),
    await get('/open/events', { accept: 'text/event-stream' }),
    await get(`/open/events?ticket=${marker}`, { accept: 'text/event-stream' }),
    await get(`/api/events?ticket=${marker}`, { accept: 'text/event-stream' }),
    await get(`/api/auth/reset-password/${marker}?callbackURL=/x`),
    await get(`/api/auth/reset-password%2F${marker}`),
    await get(`/api/auth/verify-email?token=${marker}`),
    await get(`/api/auth/delete-user/callback?token=${marker}`),
    await get(`/api/auth/callback/github?code=${marker}&state=${marker}`),
    await get(`/api/auth/no-such-plugin/${marker}`),
    await get(`/_gateway/login?token=${marker}&return_to=%2F`),
    await get('/_gateway/session', { cookie }),
    await get('/_gateway/events', { cookie: `better-auth.session_token=${marker}` }),
    await post('/api/auth/sign-in/email', { email, password: marker }),
    await post('/api/auth/sign-in/email', { email, password }),
    await post('/api/auth/sign-up/email', { email: 'x', password: marker, name: marker }),
    await post('/api/auth/reset-password', { token: marker, newPassword: marker }),
    await post('/_gateway/token', {}, { cookie }),
    await post('/_gateway/ticket', { path: '/api/x' }, { cookie }),
    await post('/_gateway/revocations', {}, { 'x-sallyport-signature': marker }),
    await gateway.request('/_gateway/login', {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: `form=sign-in&email=${email}&password=${marker}`,
    }),
    await send(gateway.url, '/_gateway/verify', {
      'x-original-method': 'GET',
      'x-original-uri': `/api/x?token=${marker}`,
      'x-forwarded-for': '192.0.2.1',
      cookie: `better-auth.session_token=${marker}`,
    }),
    await refusalOf(begin(t, gateway, `/api/ws?ticket=${marker}`)),
  ]
  await once(begin(t, gateway, `/api/ws?ticket=${marker}`, { headers: { origin } }), 'close')
  const texts = [
    await gateway.raw(
      `GET /x HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${marker}\r\n${marker}\r\n\r\n`,
    ),
    await gateway.raw(`CONNECT user:${marker}@x:1 HTTP/1.1\r\nHost: x\r\n\r\n`),
    await gateway.raw(
      `GET http://user:${marker}@x/?${marker} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    ),
  ]
  const metrics = await (await fetch(`${gateway.adminUrl ?? ''}/metrics`)).text()
  t.ok(gateway.records.length >= answers.length + 4, 'they were all seen')
  t.ok(gateway.log.filter(({ msg }) => msg === 'request').length >= answers.length + 4)
  t.match(metrics, /sallyport_requests_total\{/)
  const refusals = answers.filter(({ status }) => status >= 400)
  t.ok(refusals.length > 15, 'many of them were refused')
  const secrets = [marker, token, decodeURIComponent(token), good, password]
  const written: readonly [string, string][] = [
    ['the log', JSON.stringify(gateway.log)],
    ['the records', JSON.stringify(gateway.records)],
    ['the metrics', metrics],
    ['refusals', JSON.stringify(refusals.map(({ text }) => text)) + texts.join()],
  ]
  for (const [where, text] of written) {
    for (const secret of secrets) t.notOk(text.includes(secret), `${where}: ${secret.slice(0, 4)}…`)
  }
})
