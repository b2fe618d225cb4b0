import t from 'tap'
import { hidden, maskLine, readToken } from '../../../src/explain/parts/mask.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { outputOf } from '../cases.ts'

const secret = 's3cr3t-value'

t.test('what could be a credential is not shown, whatever the field is called', async (t) => {
  for (const name of [
    'x-auth-token',
    'x-api-key',
    'x_apikey',
    'x-client-secret',
    'x-hub-signature-256',
    'x-session-id',
    'cookie2',
    'my-password',
    'aws-credentials',
    'proxy-authorization',
    'authorization',
    'set-cookie',
  ]) {
    t.equal(maskLine([name, secret])[1], hidden, name)
  }
  t.strictSame(maskLine(['authorization', `Token ${secret}`])[1], `Token ${hidden}`)
  t.strictSame(
    maskLine(['cookie', `a=${secret}; ${secret}; b=`])[1],
    `a=${hidden}; ${hidden}; b=${hidden}`,
  )
  t.strictSame(maskLine(['set-cookie', `a=${secret}; Path=/`])[1], hidden)
})

t.test('what is none is shown', async (t) => {
  const lines = [
    ['x-user-id', 'ada'],
    ['accept', 'text/html'],
    ['sec-websocket-key', 'new each time'],
    ['access-control-allow-credentials', 'true'],
    ['set-cookie', 'better-auth.session_token=; Max-Age=0; Path=/'],
  ] as const
  for (const line of lines) t.strictSame(maskLine(line), line)
})

t.test('a claim that is named like a secret is not shown', async (t) => {
  const token = mint(
    goodClaims({ refresh_token: secret, apiKey: secret, email: 'ada@example.com' }),
  )
  const read = readToken(`Bearer ${token}`, Date.now())
  t.match(read?.claims, { refresh_token: hidden, apiKey: hidden, email: 'ada@example.com' })
})

t.test('no secret is printed, in text or as JSON', async (t) => {
  const given = ['--header', `X-Auth-Token: ${secret}`, '--header', `X-Session: ${secret}`]
  const asked = ['explain', 'GET', '/api/items', '--user', 'ada', ...given]
  for (const more of [[], ['--json']]) {
    const { out } = await outputOf([...asked, ...more])
    t.match(out, hidden)
    t.notMatch(out, secret)
  }
})
