import t from 'tap'
import { secrets } from '../cli/run.ts'
import { startPostgres, type TestPostgres } from '../helper/servers/postgres.ts'
import { startRedis, type TestRedis } from '../helper/servers/redis.ts'
import { serve } from './servers.ts'
import { allSound, onlyWrong, setUp, type SetUp } from './set-up.ts'

// A real PostgreSQL and a real Redis, with one thing broken at a time; each is whole again after its test.

const postgres = await startPostgres(t)
const redis = await startRedis(t)
if (postgres !== null && redis !== null) await breakThem(postgres, redis)

async function breakThem(postgres: TestPostgres, redis: TestRedis): Promise<void> {
  // What is behind the gateway is none of this file's business.
  const guarded = '{ "/me": { "get": { "security": [{ "bearer": [] }] } } }'
  const api = await serve(t, (request, response) => {
    const isNobody = request.headers['x-user-id'] === undefined
    if (request.url === '/openapi.json') response.end(`{"openapi":"3.1.0","paths":${guarded}}`)
    else response.writeHead(isNobody ? 401 : 200).end('{}')
  })
  const sections = {
    auth: `{ signUp: open, database: "${postgres.url}" }`,
    redis: `"${redis.url}"`,
    upstreams: `{ api: "${api}" }`,
    identity: '{ token: none }',
  }
  const sound = await setUp(t, sections)
  breakPostgres(sound, postgres)
  breakRedis(sound, redis)
}

function breakPostgres({ look, migrate }: SetUp, postgres: TestPostgres): void {
  t.test('a database that was never migrated', async (t) => {
    onlyWrong(t, await look(), {
      name: 'auth schema',
      verdict: 'problem',
      seen: /^the database lacks user, session, account, verification, .*sallyport_/,
      advice: /^Run `sallyport migrate`/,
    })
    const made = await postgres.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)
    t.strictSame(made, [], 'nothing was made')
    await migrate()
  })

  t.test('a sound set-up is sound, and is left as it was', async (t) => {
    const state = () =>
      postgres.query('SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables')
    const before = await state()
    t.ok(before.length > 5)
    const made = ['auth database', 'auth schema', 'auth clock', 'redis', 'redis clock'] as const
    allSound(t, await look(), made)
    t.strictSame(await state(), before)
  })

  t.test('a column that a later version needs', async (t) => {
    await postgres.query('ALTER TABLE "user" DROP COLUMN "externalId"')
    onlyWrong(t, await look(), {
      name: 'auth schema',
      verdict: 'problem',
      seen: /^the database lacks user\.externalId$/,
      advice: /^Run `sallyport migrate`/,
    })
    await migrate()
  })

  t.test('a database that is read-only', async (t) => {
    await postgres.query('ALTER DATABASE postgres SET default_transaction_read_only = on')
    onlyWrong(t, await look(), {
      name: 'auth database',
      verdict: 'problem',
      seen: /, and is read-only$/,
      advice: /the primary|default_transaction_read_only/,
    })
    const back = 'ALTER DATABASE postgres RESET default_transaction_read_only'
    await postgres.query(`BEGIN READ WRITE; ${back}; COMMIT`)
  })

  t.test('a user who may not write', async (t) => {
    await postgres.query(
      'CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader',
    )
    const database = postgres.url.replace('postgres@', 'reader@')
    const auth = `{ signUp: open, database: "${database}" }`
    onlyWrong(t, await look({ changes: { auth } }), {
      name: 'auth database',
      verdict: 'problem',
      seen: /this user may not read and write: account, sallyport_revocation, .*user/,
      advice: /^GRANT SELECT, INSERT, UPDATE, DELETE/,
    })
  })

  t.test('a database that there is not', async (t) => {
    const auth = `{ signUp: open, database: "${postgres.url}_of_yesterday" }`
    onlyWrong(t, await look({ changes: { auth } }), {
      name: 'auth database',
      verdict: 'problem',
      seen: /^PostgreSQL cannot be asked: there is no such database$/,
      advice: /auth\.database \(DATABASE_URL\)/,
    })
  })

  t.test('a database that hangs', async (t) => {
    postgres.freeze()
    onlyWrong(t, await look({ stepMs: 3000 }), {
      name: 'auth database',
      verdict: 'problem',
      seen: /^PostgreSQL cannot be asked: it does not answer$/,
      advice: /^See that PostgreSQL runs/,
    })
    postgres.thaw()
  })

  t.test('a database that is down', async (t) => {
    await postgres.kill()
    const findings = await look()
    onlyWrong(t, findings, {
      name: 'auth database',
      verdict: 'problem',
      seen: /^PostgreSQL cannot be asked: nothing listens there$/,
      advice: /^See that PostgreSQL runs/,
    })
    t.match(
      findings.filter(({ name }) => name === 'auth schema' || name === 'auth clock'),
      [{ verdict: 'skipped' }, { verdict: 'skipped' }],
    )
    await postgres.start()
  })
}

function breakRedis({ look }: SetUp, redis: TestRedis): void {
  t.test('a Redis whose password is not ours', async (t) => {
    await redis.tell('CONFIG SET requirepass not-to-be-guessed')
    const wanted = {
      name: 'redis',
      verdict: 'problem',
      seen: /^Redis refuses our password or user$/,
      advice: /REDIS_URL/,
    } as const
    onlyWrong(t, await look(), wanted)
    const wrong = redis.url.replace('//', '//:guessed@')
    const env = { ...secrets, REDIS_URL: wrong }
    onlyWrong(t, await look({ changes: { redis: '"${REDIS_URL}"' }, env }), wanted)
    await redis.kill()
    await redis.start()
  })

  t.test('a Redis that forgets when it is full', async (t) => {
    await redis.tell('CONFIG SET maxmemory 100mb')
    await redis.tell('CONFIG SET maxmemory-policy allkeys-lru')
    onlyWrong(t, await look(), {
      name: 'redis',
      verdict: 'warning',
      seen: /forgets revocations when it is full \(maxmemory-policy allkeys-lru\)$/,
      advice: /^Set maxmemory-policy noeviction/,
    })
    await redis.tell('CONFIG SET maxmemory-policy noeviction')
    allSound(t, await look(), ['redis'])
  })

  t.test('a Redis that is a replica', async (t) => {
    await redis.tell('REPLICAOF 127.0.0.1 1')
    onlyWrong(t, await look(), {
      name: 'redis',
      verdict: 'problem',
      seen: /is a replica: it takes no writes$/,
      advice: /^Name the primary/,
    })
    await redis.tell('REPLICAOF NO ONE')
  })

  t.test('a Redis that hangs', async (t) => {
    redis.freeze()
    onlyWrong(t, await look({ stepMs: 3000 }), {
      name: 'redis',
      verdict: 'problem',
      seen: /^Redis cannot be asked: no (?:answer|connection) in time$/,
      advice: /^See that Redis runs/,
    })
    redis.thaw()
  })

  t.test('a Redis that is down', async (t) => {
    await redis.kill()
    onlyWrong(t, await look(), {
      name: 'redis',
      verdict: 'problem',
      seen: /^Redis cannot be asked: nothing listens there$/,
      advice: /redis \(REDIS_URL\)/,
    })
    await redis.start()
  })
}
