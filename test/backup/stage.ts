import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { everything } from '../audit/stage.ts'
import { run, secrets, type Ran } from '../cli/run.ts'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { startPostgres, type TestPostgres } from '../helper/servers/postgres.ts'

// One for each kind of field that Better Auth knows.
const fields = `{ additionalFields: {
  vip: { type: 'boolean', required: false }, born: { type: 'date', required: false }, level: { type: 'number', required: false },
  likes: { type: 'string[]', required: false }, settings: { type: 'json', required: false } },`
const module = everything().replace('user: {', `user: ${fields}`)
export const filled = {
  ...{ vip: true, born: '1815-12-10T23:30:00.000Z', level: 42, likes: ['tea', 'l"ove'] },
  settings: { theme: { dark: false }, list: [1, null] },
}

/** The command, in a place where it is another day. */
export function move(folder: string, ...more: readonly string[]): Promise<Ran> {
  const env = { ...secrets, TZ: 'Pacific/Auckland' }
  return run(folder, ['migrate', '--from', 'sqlite:auth.db', ...more], env)
}

/** Writes the configuration anew. */
export function configure(folder: string, rewrite: (yaml: string) => string): void {
  const file = join(folder, 'gateway.config.yaml')
  writeFileSync(file, rewrite(readFileSync(file, 'utf8')))
}

/** A gateway on SQLite, and an empty PostgreSQL; null where there is none. */
export async function start(t: Test) {
  const postgres = await startPostgres(t)
  if (postgres === null) return null
  const backend = await startBackend(t)
  const options = {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    files: { 'auth.ts': module },
    yaml: 'bearer: { apiKeys: true }',
  }
  return { postgres, options, gateway: await startGateway(t, options) }
}

/** How many users there are. */
export async function usersIn({ query }: TestPostgres): Promise<number> {
  const [row] = await query<{ count: number }>('SELECT count(*)::int AS count FROM "user"')
  return row?.count ?? 0
}
