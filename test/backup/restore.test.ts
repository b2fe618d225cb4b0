import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { everything } from '../audit/stage.ts'
import { run, type Ran } from '../cli/run.ts'
import { startBackend } from '../helper/backend.ts'
import { startGateway, startPeer, type Running, type StartOptions } from '../helper/gateway.ts'
import { findPostgres, startPostgres } from '../helper/servers/postgres.ts'
import { goodClaims, mint } from '../helper/token.ts'
import { newUser } from '../revocation/stage.ts'
import { bearerOf, call, outcome, signIn } from '../session/calls.ts'

interface Way {
  /** Copies the database while the gateway runs. */
  readonly backup: (folder: string) => Promise<void>
  /** Puts the copy back, once no gateway runs. */
  readonly restore: (folder: string) => Promise<Ran>
  readonly database?: string
}

const sqlite: Way = {
  backup: async (folder) => {
    const { code, err } = await run(folder, ['backup', 'copy.db'])
    if (code !== 0) throw new Error(err)
  },
  restore: (folder) => run(folder, ['restore', 'copy.db']),
}

/** As an administrator does it by hand (docs/backup.md). */
function postgresAt(url: string, programs: string): Way {
  const tool = (name: string, args: readonly string[]): void => {
    execFileSync(join(programs, name), args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return {
    database: url,
    backup: (folder) => {
      tool('pg_dump', ['--format=custom', `--file=${join(folder, 'copy.dump')}`, url])
      return Promise.resolve()
    },
    restore: (folder) => {
      const copy = join(folder, 'copy.dump')
      tool('pg_restore', [
        '--clean',
        '--if-exists',
        '--single-transaction',
        `--dbname=${url}`,
        copy,
      ])
      return run(folder, ['revoke', 'everyone'])
    },
  }
}

/** People come while the copy is made. */
async function underLoad(gateway: Running, work: () => Promise<void>): Promise<number> {
  let isDone = false
  const ended = work().finally(() => (isDone = true))
  let count = 0
  while (!isDone) {
    await newUser(gateway, 'load')
    count += 1
  }
  await ended
  return count
}

const longAgo = (sub: string): string =>
  `Bearer ${mint({ ...goodClaims(), sub, iat: Math.floor(Date.now() / 1000) - 5 })}`

async function tryWay(t: Test, way: Way): Promise<void> {
  const backend = await startBackend(t)
  const options: StartOptions = {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': everything() },
    ...(way.database === undefined ? {} : { database: way.database }),
  }
  const before = await startGateway(t, options)
  const ada = await newUser(before)
  const lost = await signIn(before, ada.email)
  const bearer = await bearerOf(before, ada.cookie)
  const bob = await newUser(before)
  t.ok((await underLoad(before, () => way.backup(before.folder))) > 0)

  await call(before, '/sign-out', { cookie: lost })
  t.equal(await outcome(before, { cookie: lost }), 'session_revoked')
  const root = await newUser(before, 'root')
  await call(before, '/admin/ban-user', { cookie: root.cookie, body: { userId: bob.id } })
  const carol = await newUser(before)
  const foreign = [longAgo(ada.id), longAgo(carol.id), longAgo('somebody-elsewhere')]
  for (const authorization of foreign) t.equal(await outcome(before, { authorization }), 200)
  await before.gateway.close()

  const restored = await way.restore(before.folder)
  t.equal(restored.code, 0, restored.err)
  t.match(restored.out, /everybody has to sign in again\n$/)
  t.match(restored.err, /"event":"everyone\.revoked","outcome":"success","actor":"operator"/)

  const after = await startPeer(t, before, options)
  t.match(await outcome(after, { cookie: lost }), /^session_/, 'what was revoked stays so')
  t.match(await outcome(after, { cookie: ada.cookie }), /^session_/, 'and so is everything else')
  t.match(await outcome(after, { authorization: bearer }), /^session_/)
  for (const authorization of foreign) {
    t.equal(await outcome(after, { authorization }), 'session_revoked')
  }
  const cookie = await signIn(after, ada.email)
  t.equal(await outcome(after, { cookie }), 200, 'the password is still theirs')
  await t.rejects(signIn(after, carol.email), /answered 401/, 'whoever came later is not there')
  await signIn(after, bob.email)
  after.clock.offsetMs += 2000
  t.equal(await outcome(after, { authorization: await bearerOf(after, cookie) }), 200)
}

t.test('SQLite: a copy that is put back brings no session back to life', (t) => tryWay(t, sqlite))

t.test('PostgreSQL: the same with its own tools, and one command', async (t) => {
  const postgres = await startPostgres(t)
  const program = findPostgres()
  if (postgres === null || program === null) return
  await tryWay(t, postgresAt(postgres.url, dirname(program)))
  const folder = t.testdir({
    'gateway.config.yaml': `auth: { database: "${postgres.url}", signUp: open }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]`,
  })
  const { code, err } = await run(folder, ['backup', 'copy.db'])
  t.match([code, err], [1, /use pg_dump/])
  t.match(await run(folder, ['restore', 'copy.db']), { code: 1, err: /use pg_restore/ })
})

t.test(
  'a copy that is made overwrites nothing, and is one file that only its owner reads',
  async (t) => {
    const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9' })
    const { folder } = gateway
    await newUser(gateway)
    const made = await run(folder, ['backup', 'copy.db'])
    t.match(made, { code: 0, out: /copied to copy\.db: keep \.env with it/ })
    t.strictSame(
      readdirSync(folder).filter((name) => name.startsWith('copy')),
      ['copy.db'],
    )
    t.equal(statSync(join(folder, 'copy.db')).mode & 0o777, 0o600)
    t.match(await run(folder, ['backup', 'copy.db']), { code: 1, err: /copy\.db is there already/ })
    t.match(await run(folder, ['backup', 'none/copy.db']), { code: 1, err: /cannot write/ })
    t.match(await run(folder, ['restore', 'copy.db']), {
      code: 1,
      err: /is in use: stop every gateway/,
    })
    await gateway.gateway.close()
    t.match(await run(folder, ['restore', 'none.db']), { code: 1, err: /there is no/ })
    writeFileSync(join(folder, 'torn.db'), 'SQLite format 3\0'.padEnd(8192, 'x'))
    chmodSync(join(folder, 'torn.db'), 0o600)
    t.match(await run(folder, ['restore', 'torn.db']), { code: 1, err: /is of no use/ })
    const again = await run(folder, ['restore', 'copy.db'])
    t.match(again, { code: 0, out: /what was there is now .*auth\.db\.before-/ }, again.err)
    t.match(again.err, /"event":"database\.restored"/)
    t.equal(statSync(join(folder, 'auth.db')).mode & 0o777, 0o600)
  },
)

t.test('everybody is signed out at once, on gateways that run', async (t) => {
  const backend = await startBackend(t)
  const options = { upstream: backend.url }
  const here = await startGateway(t, options)
  const there = await startPeer(t, here, options)
  const { cookie, id } = await newUser(here)
  for (const node of [here, there]) {
    t.equal(await outcome(node, { cookie }), 200)
    t.equal(await outcome(node, { authorization: longAgo(id) }), 200)
  }
  const done = await run(here.folder, ['revoke', 'everyone'])
  t.match(done, { code: 0, out: '1 session ended: everybody has to sign in again\n' }, done.err)
  const deadline = performance.now() + 5000
  for (const node of [here, there]) {
    for (const headers of [{ cookie }, { authorization: longAgo(id) }]) {
      while ((await outcome(node, headers)) === 200 && performance.now() < deadline);
      t.match(await outcome(node, headers), /^session_/)
    }
  }
  t.match(await run(here.folder, ['revoke', 'everyone', 'x']), { code: 2, err: /takes no id/ })
  t.match(await run(here.folder, ['revoke', 'user']), { code: 2, err: /needs an id/ })
})
