import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { send } from '../verify/questions.ts'
import { recordOf, startObserved } from './stage.ts'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, enforce: false }
  - { name: shut, match: { path: /shut/* }, upstream: api }`

t.test('a proxy that asks about an observed route is told to go on, and with what', async (t) => {
  const yaml = 'verify: { from: [127.0.0.1], dialect: caddy }'
  const stage = await startObserved(t, routes, { yaml })
  const { id, cookie } = await signUp(stage)
  const ask = (path: string, headers: Readonly<Record<string, string>>) =>
    send(stage.url, '/_gateway/verify', {
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': path,
      'x-forwarded-host': 'app.test',
      'x-forwarded-for': '203.0.113.1',
      ...headers,
    })
  const legacy = {
    authorization: 'Bearer legacy',
    'x-user-id': 'root',
    'x-request-id': 'asked-legacy',
  }
  const nobody = await ask('/api/x', legacy)
  t.match(nobody, { status: 200, headers: { authorization: 'Bearer legacy' } })
  t.equal(nobody.headers['x-user-id'], undefined)
  const record = await recordOf(stage, 'asked-legacy')
  t.match(record, { decision: 'verify', route: 'api', observed: 'token_invalid', code: null })
  const somebody = await ask('/api/x', { cookie })
  t.match(somebody, { status: 200, headers: { 'x-user-id': id, authorization: '' } })
  t.equal((await ask('/shut/x', legacy)).status, 401)
})
