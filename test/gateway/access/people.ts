import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import {
  signUp,
  startGateway,
  type CallOptions,
  type Running,
  type SignedIn,
  type StartOptions,
} from '../../helper/gateway.ts'
import { call, sql } from '../../session/calls.ts'

/** Better Auth with the plugins that know roles and organisations. Hashing is no subject here. */
export const authModule = {
  'auth.ts': `import { admin, organization } from 'better-auth/plugins'
    export default {
      plugins: [admin(), organization()],
      emailAndPassword: { password: {
        hash: async (password) => password, verify: async ({ hash, password }) => hash === password,
      } },
    }`,
}

/** A gateway with these routes, and an application behind it that remembers what it saw. */
export async function startAccess(
  t: Test,
  routes: string,
  more: Partial<StartOptions> = {},
): Promise<{ readonly gateway: Running; readonly backend: Backend }> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    files: authModule,
    routes,
    ...more,
  })
  return { gateway, backend }
}

/** What FastAPI's side of a path makes of a request: `200`, or the code of the refusal. */
export async function outcome(
  gateway: Running,
  path: string,
  headers: NonNullable<CallOptions['headers']>,
): Promise<number | string> {
  const reply = await gateway.request(path, { headers })
  return reply.status === 200 ? 200 : (reply.json()['code'] as string)
}

/** Somebody with the role of an administrator, written behind Better Auth's back before anybody asks. */
export async function signUpAdmin(gateway: Running): Promise<SignedIn> {
  const root = await signUp(gateway, 'root@example.com')
  sql(gateway, "UPDATE user SET role = 'admin' WHERE id = ?", root.id)
  return root
}

/** Asks Better Auth; throws unless it answers 200. */
export async function ask(
  gateway: Running,
  path: string,
  cookie: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  const reply = await call(gateway, path, { cookie, body })
  if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.text}`)
  return reply.text === '' ? {} : reply.json()
}

export interface Organization {
  readonly id: string
  readonly owner: SignedIn
  readonly member: SignedIn
  /** The id of the member's membership. */
  readonly memberId: string
}

/** An organisation with its owner and one member; it is active for both. */
export async function found(gateway: Running, slug = 'acme'): Promise<Organization> {
  const owner = await signUp(gateway, `owner@${slug}.example`)
  const member = await signUp(gateway, `member@${slug}.example`)
  const made = await ask(gateway, '/organization/create', owner.cookie, { name: slug, slug })
  const id = made['id'] as string
  const invitation = await ask(gateway, '/organization/invite-member', owner.cookie, {
    email: member.email,
    role: 'member',
    organizationId: id,
  })
  const accepted = await ask(gateway, '/organization/accept-invitation', member.cookie, {
    invitationId: invitation['id'],
  })
  const { id: memberId } = accepted['member'] as { id: string }
  return { id, owner, member, memberId }
}
