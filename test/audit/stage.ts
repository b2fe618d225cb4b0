import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { Test } from 'tap'
import { auditSchema } from '../../src/ops/audit/schema.ts'
import {
  origin,
  password,
  someAddress,
  startGateway,
  type Reply,
  type Running,
  type StartOptions,
} from '../helper/gateway.ts'
import { mailsIn } from '../pages/mail.ts'

export type Line = Readonly<Record<string, string | number | null>>

const ajv = new Ajv({ allErrors: true })
addFormats.default(ajv)
const schema = auditSchema()
ajv.addSchema(schema, 'audit')

/** Fails for a line that is not as the schema says its event is. */
export function assertValid(t: Test, lines: readonly Line[]): void {
  for (const line of lines) {
    const validate = ajv.getSchema(`audit#/definitions/${String(line['event'])}`)
    const isValid = validate?.(line) === true && ajv.validate(schema, line)
    if (!isValid) t.fail(`${JSON.stringify(line)} ${ajv.errorsText(validate?.errors)}`)
  }
}

/** What the audit log of a gateway holds since the last look. */
export function reader(t: Test, gateway: Pick<Running, 'log'>): () => readonly Line[] {
  let seen = 0
  return () => {
    const lines = gateway.log
      .slice(seen)
      .filter((line) => line['log'] === 'audit')
      // The tests' own logger adds these.
      .map(({ pid: _pid, hostname: _hostname, ...line }) => line as Line)
    seen = gateway.log.length
    assertValid(t, lines)
    return lines
  }
}

/** An event and its outcome, and what else is worth a look: `sign_in success password`. */
export function brief(line: Line): string {
  const { event, outcome, method, provider, factor, reason } = line
  return [event, outcome, method, provider, factor, reason].filter((each) => each != null).join(' ')
}

/** Options of Better Auth with everything that the audit log knows; messages go to a file, for `mailsIn`. */
export function everything(provider = 'http://127.0.0.1:9'): string {
  return `import { appendFileSync } from 'node:fs'
import { admin, anonymous, emailOTP, genericOAuth, magicLink, multiSession, organization, twoFactor, username } from 'better-auth/plugins'
const file = new URL('mails.jsonl', import.meta.url)
const send = (kind, to, text) => {
  appendFileSync(file, JSON.stringify({ kind, to, text }) + '\\n')
  return Promise.resolve()
}
export default {
  user: { deleteUser: { enabled: true }, changeEmail: { enabled: true } },
  emailAndPassword: {
    // Hashing is no subject here, and takes its time.
    password: { hash: async (password) => 'hash of ' + password, verify: async ({ hash, password }) => hash === 'hash of ' + password },
    sendResetPassword: ({ user, url }) => send('reset', user.email, url),
  },
  emailVerification: { sendVerificationEmail: ({ user, url }) => send('confirm', user.email, url) },
  databaseHooks: { user: { create: { before: async (user) => ({
    data: { ...user, ...(user.email.startsWith('root') ? { role: 'admin' } : {}) } }) } } },
  plugins: [
    admin(), organization(), anonymous(), username(), multiSession(),
    twoFactor({ otpOptions: { sendOTP: ({ user, otp }) => send('code', user.email, otp) } }),
    magicLink({ sendMagicLink: ({ email, url }) => send('link', email, url) }),
    emailOTP({ sendVerificationOTP: ({ email, otp }) => send('code', email, otp) }),
    genericOAuth({ config: [{
      providerId: 'acme', clientId: 'x', clientSecret: 'y', scopes: ['email'], pkce: false,
      authorizationUrl: '${provider}/authorize', tokenUrl: '${provider}/token', userInfoUrl: '${provider}/user',
    }] }),
    { id: 'theirs', endpoints: theirs() },
  ],
}
// An endpoint that no table of ours knows.
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
function theirs() {
  return {
    badge: createAuthEndpoint('/badge/:token', { method: 'POST' }, async (ctx) => {
      const found = await ctx.context.internalAdapter.findUserByEmail(ctx.params.token)
      const session = await ctx.context.internalAdapter.createSession(found.user.id)
      await setSessionCookie(ctx, { session, user: found.user })
      return ctx.json({ ok: true })
    }),
    gone: createAuthEndpoint('/badge-gone/:token', { method: 'POST' }, async (ctx) => {
      const found = await ctx.context.internalAdapter.findUserByEmail(ctx.params.token)
      await ctx.context.internalAdapter.deleteUserSessions(found.user.id)
      return ctx.json({ ok: true })
    }),
  }
}
`
}

/** A provider that knows one person. */
export async function startProvider(t: Test, email: string): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/token') {
      response.end(JSON.stringify({ access_token: 'MARKER-provider-token', token_type: 'Bearer' }))
    } else
      response.end(
        JSON.stringify({ sub: '42', id: '42', email, name: 'Pat', email_verified: true }),
      )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export const userAgent = 'a browser/1.0'

/** A same-origin request to Better Auth. */
export function ask(
  gateway: Running,
  path: string,
  options: {
    readonly cookie?: string | undefined
    readonly body?: unknown
    readonly address?: string
    readonly method?: 'GET' | 'POST'
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Reply> {
  const { method = 'POST', cookie, body, address = someAddress(), headers } = options
  return gateway.request(`/api/auth${path}`, {
    method,
    headers: {
      origin,
      'user-agent': userAgent,
      'x-forwarded-for': address,
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
    ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
  })
}

/** Somebody with an account. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly cookie: string
}

export async function newPerson(gateway: Running, prefix = 'user'): Promise<Person> {
  const email = `${prefix}-${crypto.randomUUID().slice(0, 8)}@example.com`
  const reply = await ask(gateway, '/sign-up/email', { body: { name: 'Ada', email, password } })
  if (reply.status !== 200) throw new Error(`sign-up answered ${reply.status}: ${reply.text}`)
  const { id } = reply.json()['user'] as { id: string }
  return { id, email, cookie: reply.cookie }
}

/** The first message to somebody that there is no other use for. */
export async function mailTo(
  gateway: Pick<Running, 'folder'>,
  to: string,
  kind: string,
): Promise<string> {
  for (;;) {
    const mail = mailsIn(gateway).findLast((each) => each.to === to && each.kind === kind)
    if (mail !== undefined) return mail.text
    await pause(10)
  }
}

export function startAudited(t: Test, more: Partial<StartOptions> = {}): Promise<Running> {
  return startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': everything() },
    ...more,
  })
}

export function linesOf(file: string): readonly Line[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Line)
}

export { password }
