import t, { type Test } from 'tap'
import { startPeer, type StartOptions } from '../helper/gateway.ts'
import { startPostgres } from '../helper/servers/postgres.ts'
import { startRedis } from '../helper/servers/redis.ts'
import { acts } from './acts/all.ts'
import { ask, brief, everything, newPerson, reader, startAudited } from './stage.ts'

const upstream = 'http://127.0.0.1:9'

/** Every act once more, on gateways that share what is given: what is said, and by how many. */
async function tryAll(t: Test, shared: Partial<StartOptions>): Promise<void> {
  const options: StartOptions = {
    upstream,
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': everything() },
    ...shared,
  }
  const here = await startAudited(t, options)
  const there = await startPeer(t, here, options)
  const readHere = reader(t, here)
  const readThere = reader(t, there)
  for (const { name, before, act, says } of acts) {
    const person = await newPerson(here)
    const prepared = (await before?.(here, person)) as never
    readHere()
    readThere()
    await act(here, person, prepared)
    t.strictSame(readHere().map(brief).sort(), [...says].sort(), name)
  }
  const { cookie, email, id } = await newPerson(here)
  readHere()
  readThere()
  await ask(there, '/sign-out', { cookie })
  await ask(there, '/sign-in/email', { body: { email, password: 'wrong' } })
  t.match(readThere(), [
    { event: 'sign_out', userId: id },
    { event: 'sign_in', email },
  ])
  // Both have heard of it by now: the bus says so.
  while ((await here.request('/_gateway/session', { headers: { cookie } })).text.includes('true'));
  t.strictSame([readHere(), readThere()], [[], []], 'what happens elsewhere is said there')
}

t.test('gateways on one SQLite file: each thing once, where it happened', async (t) => {
  await tryAll(t, {})
})

t.test('the same on PostgreSQL', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await tryAll(t, { database: postgres.url })
})

t.test('the same with sessions in Redis alone', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  await tryAll(t, {
    yaml: `redis: ${redis.url}`,
    auth: 'signUp: open, module: ./auth.ts, session: { store: redis }',
  })
})
