import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { createLoginPage, type LoginPageOptions } from '../../src/pages/login.ts'
import { problemPageCsp, renderProblemPage } from '../../src/pages/problem.ts'

export interface Site {
  readonly origin: string
  /** The addresses that were asked for, with their queries, in order. */
  readonly requested: readonly string[]
}

const pageOptions: LoginPageOptions = {
  authPath: '/api/auth',
  email: true,
  signUp: 'open',
  social: ['github'],
  appName: 'Harbour',
  sha256Base64: (text) => createHash('sha256').update(text).digest('base64'),
}

/** The login page in front of a real Better Auth in memory, with a page at every other path, closed with the test. */
export async function startSite(t: Test): Promise<Site> {
  const app = Fastify()
  t.teardown(() => app.close())
  const requested: string[] = []
  app.addHook('onRequest', async (request) => {
    requested.push(request.url)
  })
  const page = createLoginPage(pageOptions)
  let auth: Awaited<ReturnType<typeof openAuth>> | null = null
  const authOf = () => {
    if (auth === null) throw new Error('asked before it listens')
    return auth
  }
  app.get<{ Querystring: { return_to?: string } }>('/_gateway/login', async (request, reply) =>
    html(reply, page.csp, page.render(request.query.return_to)),
  )
  app.get('/_gateway/session', async (request) => {
    const session = await authOf().api.getSession({ headers: headersOf(request) })
    return { authenticated: session !== null }
  })
  app.all('/api/auth/*', async (request, reply) => {
    const { method, body } = request
    const url = new URL(request.url, authOf().options.baseURL)
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    return reply.send(
      await authOf().handler(new Request(url, { method, headers: headersOf(request), ...content })),
    )
  })
  app.get('/problem', async (_request, reply) => html(reply, problemPageCsp, examplePage))
  app.get('/*', async (_request, reply) =>
    reply.type('text/html').send('<!doctype html><title>The application</title>Arrived.'),
  )
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  auth = await openAuth(t, origin)
  return { origin, requested }
}

const examplePage = renderProblemPage({
  title: 'Application unreachable',
  status: 502,
  detail: 'The application cannot be reached.',
  code: 'upstream_unreachable',
  requestId: '01JD3QK8M5R7',
  action: 'retry',
})

function html(reply: FastifyReply, csp: string, text: string): FastifyReply {
  return reply
    .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': csp })
    .send(text)
}

async function openAuth(t: Test, baseURL: string) {
  const database = new DatabaseSync(':memory:')
  t.teardown(() => {
    database.close()
  })
  const options = {
    baseURL,
    basePath: '/api/auth',
    secret: 'a secret of the tests that is long enough',
    database,
    emailAndPassword: { enabled: true },
    socialProviders: { github: { clientId: 'client', clientSecret: 'secret' } },
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
  } satisfies BetterAuthOptions
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  return betterAuth(options)
}

function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers()
  for (const name of [
    'cookie',
    'origin',
    'content-type',
    'user-agent',
    'sec-fetch-site',
    'sec-fetch-mode',
  ]) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  return headers
}
