import t, { type Test } from 'tap'
import { startGateway, startPeer, type Running, type StartOptions } from '../helper/gateway.ts'
import { freePort } from '../helper/program.ts'
import { pushSecret, startAuthServer, type AuthServer } from '../session/remote/server.ts'
import { ask, brief, newPerson, password, reader, userAgent, type Line } from './stage.ts'

interface Stage {
  readonly here: Running
  readonly there: Running
  readonly remote: AuthServer
}

/** Two gateways in front of one Better Auth, whose plugin tells both. */
async function start(t: Test, pushes: boolean): Promise<Stage> {
  const port = await freePort()
  const secret = pushes ? `, pushSecret: "${pushSecret}"` : ''
  const options: StartOptions = {
    upstream: 'http://127.0.0.1:9',
    dev: true,
    auth: `mode: remote, url: "http://127.0.0.1:${port}"${secret}`,
  }
  const here = await startGateway(t, options)
  const there = await startPeer(t, here, options)
  const told = pushes ? { gateways: [here.url, there.url], pushSecret } : {}
  return { here, there, remote: await startAuthServer(t, { port, ...told }) }
}

t.test(
  'what passes through to a Better Auth elsewhere is said, as far as it can be known',
  async (t) => {
    const { here, remote } = await start(t, false)
    const read = reader(t, here)
    const root = await newPerson(here)
    await remote.sql("UPDATE user SET role = 'admin' WHERE id = ?", root.id)
    read()
    const ada = await newPerson(here)
    const tell = async (work: Promise<unknown>): Promise<readonly Line[]> => {
      await work
      return read()
    }
    const [up, begun] = read()
    t.match(up, { event: 'sign_up', method: 'password', userId: ada.id, userAgent })
    t.match(begun, { event: 'sign_in', method: 'password', userId: ada.id, sessionId: null })
    const credentials = { email: ada.email, password }
    const again = await ask(here, '/sign-in/email', { body: credentials })
    t.match(read(), [{ event: 'sign_in', outcome: 'success', userId: ada.id, actorId: ada.id }])
    const wrong = { body: { ...credentials, password: 'wrong' } }
    t.match(await tell(ask(here, '/sign-in/email', wrong)), [
      { event: 'sign_in', outcome: 'failure', reason: 'credentials_wrong', email: ada.email },
    ])
    const { cookie } = ada
    const admin = root.cookie
    const body = { userId: ada.id }
    const byAdmin = { actor: 'administrator', actorId: root.id, userId: ada.id }
    const role = { cookie: admin, body: { ...body, role: 'user' } }
    t.match(await tell(ask(here, '/admin/set-role', role)), [
      { event: 'role.changed', ...byAdmin, roles: 'user' },
    ])
    t.match(
      await tell(
        ask(here, '/change-password', {
          cookie,
          body: { currentPassword: password, newPassword: 'another horse 42' },
        }),
      ),
      [{ event: 'password.changed', userId: ada.id, actorId: ada.id }],
    )
    t.match(await tell(ask(here, '/sign-out', { cookie: again.cookie })), [
      { event: 'sign_out', userId: ada.id, sessionId: /^\S{16,}$/ },
    ])
    t.match(await tell(ask(here, '/admin/ban-user', { cookie: admin, body })), [
      { event: 'user.banned', ...byAdmin },
    ])
    t.strictSame((await tell(ask(here, '/sign-in/email', wrong))).map(brief), [
      'sign_in failure password credentials_wrong',
    ])
    t.match(await tell(ask(here, '/admin/remove-user', { cookie: admin, body })), [
      { event: 'user.deleted', ...byAdmin },
    ])
    await remote.kill()
    t.strictSame((await tell(ask(here, '/sign-in/email', wrong))).map(brief), [
      'sign_in failure password unavailable',
    ])
  },
)

t.test('what is pushed is said by one gateway, and not by those that hear of it', async (t) => {
  const { here, there, remote } = await start(t, true)
  for (const { log } of [here, there]) {
    while (!log.some(({ msg }) => /tells of revocations/.test(String(msg))))
      await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const { id, cookie } = await newPerson(here)
  const readHere = reader(t, here)
  const readThere = reader(t, there)
  const ends = (gateway: Running) => async (): Promise<boolean> =>
    (await gateway.request('/_gateway/session', { headers: { cookie } })).text.includes('false')
  readHere()
  readThere()
  const reply = await remote.call('/revoke-sessions', {}, cookie)
  t.equal(reply.status, 200)
  for (const isOver of [ends(here), ends(there)]) while (!(await isOver()));
  const pushed = { actor: 'elsewhere', via: 'push', userId: id }
  const said = [...readHere()].sort((one, other) => (brief(one) < brief(other) ? -1 : 1))
  t.match(said, [
    { event: 'session.revoked', ...pushed },
    { event: 'user.revoked', ...pushed },
  ])
  t.equal(said.length, 2)
  t.strictSame(readThere(), [])
})
