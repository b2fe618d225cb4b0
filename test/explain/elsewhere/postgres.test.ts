// Real credentials in PostgreSQL. That nothing is written is shown twice: by what is there afterwards, and by a login that may only read.
import { writeFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { startPostgres, type TestPostgres } from '../../helper/servers/postgres.ts'
import {
  keysInAllStates,
  newPerson,
  sessionsInAllStates,
  tokensInAllStates,
  withBans,
} from './people.ts'
import { compareAll, explain, fateOf, toldOf } from './telling.ts'

const yaml = 'audit: { file: ./audit.jsonl }\nbearer: { requireUser: true, apiKeys: true }'

/** Every row of every table. */
async function rowsOf({ query }: TestPostgres): Promise<unknown> {
  const tables = await query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  )
  return Promise.all(
    tables.map(async ({ name }) => {
      const all = `SELECT coalesce(string_agg(row::text, ' ' ORDER BY row::text), '') AS text FROM "${name}" row`
      return [name, (await query<{ text: string }>(all))[0]?.text]
    }),
  )
}

t.test('PostgreSQL: explain says what the gateway does, and writes nothing', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, { upstream, database: postgres.url, yaml, ...withBans() })
  const { folder } = gateway
  const change = (statement: string, ...values: (string | number)[]): Promise<unknown> => {
    let index = 0
    return postgres.query(
      statement.replaceAll('?', () => `$${String((index += 1))}`),
      values,
    )
  }
  const at = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString()
  const cases = {
    ...(await sessionsInAllStates(gateway, change, at)),
    ...(await tokensInAllStates(gateway)),
    ...(await keysInAllStates(gateway, change)),
  }
  await postgres.query('CREATE ROLE looker LOGIN')
  await postgres.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker')
  const config = readFileSync(join(folder, 'gateway.config.yaml'), 'utf8')
  writeFileSync(join(folder, 'looker.yaml'), config.replace('postgres@', 'looker@'))
  for (const [name, { headers, fate }] of Object.entries(cases)) {
    const told = await toldOf(folder, headers, '--config', 'looker.yaml')
    t.equal(fateOf(told), fate, `${name}: with a login that may only read`)
  }
  const audited = (): number => statSync(join(folder, 'audit.jsonl')).size
  await compareAll(t, gateway, cases, async () => [await rowsOf(postgres), audited()])
})

t.test('a refresh that is due is told, and not done', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, { upstream, database: postgres.url, yaml, ...withBans() })
  const { id, cookie } = await newPerson(gateway)
  await postgres.query(
    `UPDATE session SET "expiresAt" = now() + interval '1 hour' WHERE "userId" = $1`,
    [id],
  )
  const until = async (): Promise<unknown> =>
    postgres.query('SELECT "expiresAt" FROM session WHERE "userId" = $1', [id])
  const before = await until()
  const told = await toldOf(gateway.folder, { cookie })
  t.equal(told.cache.slides, true)
  t.match(told.notes, [/sliding refresh is due.*did not/])
  t.strictSame(await until(), before)
  await gateway.request('/api/x', { headers: { cookie } })
  t.notSame(await until(), before, 'the gateway does it')
})

t.test('PostgreSQL that is away, or answers nothing, is told as that', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const upstream = (await startBackend(t)).url
  const gateway = await startGateway(t, { upstream, database: postgres.url, yaml, ...withBans() })
  const { folder } = gateway
  const { cookie } = await newPerson(gateway)
  const unknown = { kind: 'refuse', code: 'session_store_unavailable', status: 503 }
  postgres.freeze()
  const frozen = await toldOf(folder, { cookie })
  postgres.thaw()
  t.match(frozen.decision, unknown)
  t.match(frozen.notes, [/cannot be looked up: auth\.database: cannot open PostgreSQL at 127/])
  await postgres.kill()
  const away = await toldOf(folder, { cookie })
  t.match(away.decision, unknown)
  t.match(away.notes, [/cannot be looked up: auth\.database: cannot open PostgreSQL at 127/])
  const nobody = await explain(folder)
  t.match(nobody.decision, { code: 'credential_missing' }, 'whoever brings nothing needs nobody')
})
