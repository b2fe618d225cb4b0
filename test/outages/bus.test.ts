import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { password } from '../helper/gateway.ts'
import { startPostgres } from '../helper/servers/postgres.ts'
import { startRedis } from '../helper/servers/redis.ts'
import { call, outcome, signIn } from '../session/calls.ts'
import { newUser, startNodes } from '../revocation/stage.ts'

t.test(
  'without Redis between them, gateways learn of revocations within five seconds',
  async (t) => {
    const [postgres, redis] = [await startPostgres(t), await startRedis(t)]
    if (postgres === null || redis === null) return
    const { here, there } = await startNodes(t, { database: postgres.url, redis: redis.url })
    for (const [name, begin, end] of [
      ['killed', redis.kill, redis.start],
      ['frozen', redis.freeze, redis.thaw],
    ] as const) {
      await t.test(name, async (t) => {
        const { email, cookie } = await newUser(here)
        const other = await signIn(here, email)
        for (const each of [cookie, other]) {
          t.equal(await outcome(there, { cookie: each }), 200, 'cached there')
        }
        await begin()
        const out = await call(here, '/sign-out', { cookie })
        t.equal(out.status, 200, 'signing out needs no Redis')
        t.equal(await outcome(here, { cookie }), 'session_revoked', 'here it counts at once')
        const started = performance.now()
        while ((await outcome(there, { cookie })) === 200) {
          if (performance.now() - started > 10_000) break
          await pause(20)
        }
        const tookMs = performance.now() - started
        t.ok(tookMs < 5000, `there it counts after ${tookMs.toFixed(0)} ms`)
        t.equal(
          await outcome(there, { cookie: other }),
          200,
          'whoever has not signed out is not signed out',
        )
        await end()
        // Attempts are counted there too.
        const body = { email, password }
        while ((await call(here, '/sign-in/email', { body })).status !== 200) await pause(50)
      })
    }
  },
)
