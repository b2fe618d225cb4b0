import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Backend } from '../../helper/backend.ts'
import { signUp, type Running } from '../../helper/gateway.ts'
import { goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import { bearerOf, sql } from '../../session/calls.ts'
import { ask, found, outcome, startAccess, type Organization } from './people.ts'

const routes = `
  - { match: { path: /any/* }, upstream: api }
  - { match: { path: /org/* }, upstream: api, auth: { organization: true } }
  - { match: { path: /owners/* }, upstream: api, auth: { organization: { roles: [owner, admin] } } }`
const yaml = `identity:
  headers: { X-Org: session.organizationId, X-Org-Role: session.organizationRole }
  token: { claims: { org: session.organizationId, org_role: session.organizationRole } }`

interface Started extends Organization {
  readonly gateway: Running
  readonly backend: Backend
  /** What the member gets: by cookie and by a bearer of ours, inside the organisation and where its owners get. */
  readonly seen: () => Promise<unknown>
}

/** An organisation whose member is cached, by cookie and by bearer. */
async function start(t: Test): Promise<Started> {
  const { gateway, backend } = await startAccess(t, routes, { yaml })
  const organization = await found(gateway)
  const { cookie } = organization.member
  const authorization = await bearerOf(gateway, cookie)
  const seen = async () => ({
    inside: [
      await outcome(gateway, '/org/x', { cookie }),
      await outcome(gateway, '/org/x', { authorization }),
    ],
    owners: [
      await outcome(gateway, '/owners/x', { cookie }),
      await outcome(gateway, '/owners/x', { authorization }),
    ],
  })
  t.same(await seen(), asMember)
  return { gateway, backend, ...organization, seen }
}

const twice = (each: number | string): unknown[] => [each, each]
const asMember = { inside: twice(200), owners: twice('role_missing') }
const asOwner = { inside: twice(200), owners: twice(200) }
const asNobody = { inside: twice('organization_missing'), owners: twice('organization_missing') }

t.test(
  'FastAPI is told the organisation and the role in it, and nobody else can say it',
  async (t) => {
    const { gateway, backend, id, member } = await start(t)
    await gateway.request('/any/x', {
      headers: { cookie: member.cookie, 'X-Org': 'evil', X_Org_Role: 'owner' },
    })
    const { headers } = backend.seen.at(-1)!
    t.match(headers, { 'x-org': id, 'x-org-role': 'member' })
    const [header, payload = '', signature] = headers.authorization!.slice(7).split('.')
    const input = `${header}.${payload}`
    t.equal(createHmac('sha256', jwtSecret).update(input).digest('base64url'), signature)
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    t.match(claims, { org: id, org_role: 'member' })
    const stranger = await signUp(gateway, 'eve@example.com')
    t.equal(await outcome(gateway, '/org/x', { cookie: stranger.cookie }), 'organization_missing')
    const authorization = `Bearer ${mint(goodClaims())}`
    t.equal(await outcome(gateway, '/org/x', { authorization }), 'organization_missing')
  },
)

t.test('a role that is given or taken there counts on the next request', async (t) => {
  const { gateway, backend, owner, member, memberId, seen } = await start(t)
  const give = (role: unknown) =>
    ask(gateway, '/organization/update-member-role', owner.cookie, { memberId, role })
  await give(['member', 'admin'])
  t.same(await seen(), asOwner)
  await give('member')
  t.same(await seen(), asMember)
  await gateway.request('/any/x', { headers: { cookie: member.cookie } })
  t.equal(backend.seen.at(-1)!.headers['x-org-role'], 'member')
})

t.test('a member who is removed is out on the next request, by id and by address', async (t) => {
  for (const by of ['id', 'address']) {
    const { gateway, owner, member, memberId, seen } = await start(t)
    const memberIdOrEmail = by === 'id' ? memberId : member.email
    await ask(gateway, '/organization/remove-member', owner.cookie, { memberIdOrEmail })
    t.same(await seen(), asNobody, by)
    t.equal(await outcome(gateway, '/any/x', { cookie: member.cookie }), 200, 'still signed in')
  }
})

t.test('who leaves is out, and so is everybody of an organisation that is deleted', async (t) => {
  const left = await start(t)
  const { gateway, member, id } = left
  await ask(gateway, '/organization/leave', member.cookie, { organizationId: id })
  t.same(await left.seen(), asNobody)
  const gone = await start(t)
  const { owner } = gone
  await ask(gone.gateway, '/organization/delete', owner.cookie, { organizationId: gone.id })
  t.same(await gone.seen(), asNobody)
})

t.test('the organisation that is active counts, and no other', async (t) => {
  const { gateway, member, id, seen } = await start(t)
  const own = await ask(gateway, '/organization/create', member.cookie, { name: 'b', slug: 'b' })
  t.same(await seen(), asOwner, 'of their own they are the owner')
  const choose = (organizationId: unknown) =>
    ask(gateway, '/organization/set-active', member.cookie, { organizationId })
  await choose(id)
  t.same(await seen(), asMember)
  await choose(null)
  t.same(await seen(), asNobody)
  await choose(own['id'])
  t.same(await seen(), asOwner)
})

t.test(
  "a membership that is changed behind Better Auth's back counts within the cache time",
  async (t) => {
    const { gateway, memberId, seen } = await start(t)
    sql(gateway, "UPDATE member SET role = 'owner' WHERE id = ?", memberId)
    gateway.clock.offsetMs = 30_001
    t.same(await seen(), asOwner)
    sql(gateway, 'DELETE FROM member WHERE id = ?', memberId)
    gateway.clock.offsetMs = 60_002
    t.same(await seen(), asNobody)
  },
)

t.test('extending a session asks for its organisation anew', async (t) => {
  const { gateway, backend, id, member, memberId } = await start(t)
  sql(gateway, "UPDATE member SET role = 'admin' WHERE id = ?", memberId)
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
  sql(gateway, 'UPDATE session SET expiresAt = ?', soon)
  gateway.clock.offsetMs = 30_001
  const reply = await gateway.request('/owners/x', { headers: { cookie: member.cookie } })
  t.equal(reply.status, 200)
  t.ok(reply.headers['set-cookie'], 'it was extended')
  t.match(backend.seen.at(-1)!.headers, { 'x-org': id, 'x-org-role': 'admin' })
})
