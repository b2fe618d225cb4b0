import { fastify, type FastifyError } from 'fastify'
import t, { type Test } from 'tap'
import { mountBetterAuth } from '../../../../src/session/embedded/mount.ts'

interface Given {
  readonly handler: (request: Request) => Promise<Response>
}

/** Better Auth's mount with another Better Auth behind it. Errors are answered with their code. */
function mounted(t: Test, { handler }: Given) {
  const app = fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((error: FastifyError, _request, reply) => reply.code(500).send(error.code))
  mountBetterAuth(app, {
    path: '/api/auth',
    publicUrl: 'https://app.test',
    addressOf: () => '192.0.2.7',
    handler,
  })
  return app
}

t.test('a store that fails is told from a bug', async (t) => {
  for (const [code, expected] of [
    ['SALLYPORT_SESSION_STORE', 'SALLYPORT_SESSION_STORE'],
    ['ERR_SQLITE_ERROR', 'SALLYPORT_SESSION_STORE'],
    ['ERR_INVALID_STATE', 'SALLYPORT_SESSION_STORE'],
    ['SCHEMA_MISMATCH', 'SALLYPORT_SESSION_STORE'],
    ['SOMETHING_ELSE', 'SOMETHING_ELSE'],
  ] as const) {
    const handler = (): Promise<Response> => Promise.reject(Object.assign(new Error('x'), { code }))
    t.equal((await mounted(t, { handler }).inject('/api/auth/get-session')).body, expected, code)
  }
})

t.test('nothing that a client says about the connection reaches Better Auth', async (t) => {
  let asked: Request | null = null
  const handler = (request: Request): Promise<Response> => {
    asked = request
    return Promise.resolve(new Response('{}'))
  }
  await mounted(t, { handler }).inject({
    url: '/api/auth/get-session',
    headers: {
      host: 'evil.test',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'http',
      'X-Sallyport-Client-Ip': '203.0.113.9',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host=evil.test',
      cookie: 'a=1',
    },
  })
  const { url, headers } = asked as unknown as Request
  t.equal(url, 'https://app.test/api/auth/get-session', 'the origin is the configured one')
  t.equal(headers.get('x-sallyport-client-ip'), '192.0.2.7')
  t.equal(headers.get('cookie'), 'a=1')
  t.notMatch(JSON.stringify([...headers]), /203\.0\.113\.9|evil/)
})
