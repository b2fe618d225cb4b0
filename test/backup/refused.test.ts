import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { run, type Ran } from '../cli/run.ts'
import { makeKey } from '../gateway/credentials/keys.ts'
import { startPeer } from '../helper/gateway.ts'
import { newUser } from '../revocation/stage.ts'
import { call, outcome } from '../session/calls.ts'
import { configure, filled, move, start, usersIn } from './stage.ts'

t.test('what has no place there is said, and nothing is moved', async (t) => {
  const stage = await start(t)
  if (stage === null) return
  const { postgres, options, gateway } = stage
  const ada = await newUser(gateway)
  await makeKey({ gateway }, ada)
  t.equal((await call(gateway, '/update-user', { cookie: ada.cookie, body: filled })).status, 200)
  await gateway.gateway.close()
  const plain = (yaml: string): string =>
    yaml.replace(', module: ./auth.ts', '').replace('bearer: { apiKeys: true }', '')
  configure(gateway.folder, (yaml) => plain(yaml).replace('sqlite:./auth.db', postgres.url))
  const refused = await move(gateway.folder)
  t.equal(refused.code, 1)
  t.match(
    refused.err,
    /knows nothing of apikey, .*user\.vip, .*user\.settings, and there is something/,
  )
  t.equal(await usersIn(postgres), 0)
  const leave = /--leave (\S+)/.exec(refused.err)?.[1] ?? ''
  const moved = await move(gateway.folder, '--leave', leave)
  t.equal(moved.code, 0, moved.err)
  const { yaml: _yaml, auth: _auth, files: _files, ...less } = options
  const after = await startPeer(t, gateway, { ...less, database: postgres.url })
  t.equal(await outcome(after, { cookie: ada.cookie }), 200)
})

t.test('a row that PostgreSQL refuses leaves an empty database', async (t) => {
  const stage = await start(t)
  if (stage === null) return
  const { postgres, gateway } = stage
  await newUser(gateway)
  await newUser(gateway)
  await gateway.gateway.close()
  const file = new DatabaseSync(join(gateway.folder, 'auth.db'))
  file.exec(`UPDATE session SET id = 'MARKER-no-uuid' WHERE rowid = (SELECT max(rowid) FROM session);
    PRAGMA journal_mode = DELETE`)
  file.close()
  configure(gateway.folder, (yaml) => yaml.replace('sqlite:./auth.db', postgres.url))
  const refused = await move(gateway.folder)
  t.match(refused, { code: 1, err: /session: PostgreSQL refuses a row: .*\(ids are UUIDs there\)/ })
  t.notMatch(refused.err, 'MARKER')
  t.equal(await usersIn(postgres), 0)
})

t.test('rows that do not arrive are missed before anything counts', async (t) => {
  const stage = await start(t)
  if (stage === null) return
  const { postgres, gateway } = stage
  await newUser(gateway)
  await gateway.gateway.close()
  configure(gateway.folder, (yaml) => yaml.replace('sqlite:./auth.db', postgres.url))
  const migrated = await run(gateway.folder, ['migrate'])
  t.equal(migrated.code, 0, migrated.err)
  await postgres.query(
    `CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
  )
  await postgres.query(
    'CREATE TRIGGER swallows BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION swallow()',
  )
  const refused = await move(gateway.folder)
  t.match(refused, { code: 1, err: /session: of 1 rows 0 have arrived; nothing is moved/ })
  t.equal(await usersIn(postgres), 0)
})

t.test('what cannot be moved from, or to, is one sentence', async (t) => {
  const yaml = (database: string): string => `auth: { database: "${database}", signUp: closed }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]`
  const folder = t.testdir({ 'gateway.config.yaml': yaml('sqlite:./other.db'), 'notes.db': '' })
  t.match(await move(folder), { code: 1, err: /accounts are moved to PostgreSQL/ })
  configure(folder, () => yaml('postgres://nobody:MARKER@127.0.0.1:9/auth'))
  t.match(await move(folder), { code: 1, err: /--from: there is no .*auth\.db/ })
  const from = (place: string): Promise<Ran> => run(folder, ['migrate', '--from', place])
  t.match(await from('sqlite:notes.db'), { code: 1, err: /notes\.db is no auth database/ })
  t.match(await from('users.csv'), { code: 1, err: /from an SQLite file: say sqlite:FILE/ })
  t.match(await run(folder, ['migrate', '--leave', 'x']), { code: 1, err: /only with --from/ })
  t.match(await run(folder, ['migrate', '--from', 'sqlite:x', '--dry-run']), { code: 2 })
  const auth = new DatabaseSync(join(folder, 'auth.db'))
  auth.exec('CREATE TABLE user (id TEXT)')
  auth.close()
  const away = await move(folder)
  t.match(away, { code: 1, err: /cannot open PostgreSQL at 127\.0\.0\.1:9\/auth: nothing listens/ })
  t.notMatch(away.err, 'MARKER')
})
