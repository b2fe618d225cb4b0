import { Client } from 'pg'
import type { PostgresConfig } from '../../config/types.ts'
import { reasonOf } from '../../session/embedded/store/outage.ts'
import { ok, problem, warning, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { quickest } from '../wire/quickest.ts'
import { offsetOf, type Offset } from '../wire/skew.ts'

/** What a PostgreSQL says of itself and of us. */
export interface PostgresFacts {
  readonly version: string
  readonly isReadOnly: boolean
  readonly mayCreate: boolean
  /** Tables of the gateway's that this user may not read and write. */
  readonly closed: readonly string[]
  readonly latencyMs: number
  readonly offset: Offset
}

const tables = [
  'user',
  'session',
  'account',
  'verification',
  'sallyport_revocation',
  'sallyport_ticket',
]

const about = `SELECT current_setting('server_version') AS version,
  pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "isReadOnly",
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS "mayCreate"`
const closedTables = `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND NOT (
    has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
    AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
  ORDER BY c.relname`

/** Only SELECTs are sent. Resolves with the error where they are not answered. */
export async function probePostgres(
  { url }: PostgresConfig,
  stepMs: number,
  clock: DoctorContext['clock'],
): Promise<PostgresFacts | Error> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: stepMs,
    query_timeout: stepMs,
    application_name: 'sallyport-doctor',
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const latencyMs = await quickest(() => client.query('SELECT 1'), clock)
    const sentAtMs = clock.now()
    const time = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms'
    const { rows: times } = await client.query<{ ms: number }>(time)
    const offset = offsetOf(times[0]?.ms ?? 0, { sentAtMs, heardAtMs: clock.now() })
    type About = Pick<PostgresFacts, 'version' | 'isReadOnly' | 'mayCreate'>
    const { rows } = await client.query<About>(about)
    const { rows: closed } = await client.query<{ name: string }>(closedTables, [tables])
    const [facts = { version: '', isReadOnly: false, mayCreate: true }] = rows
    return { ...facts, closed: closed.map(({ name }) => name), latencyMs, offset }
  } catch (error) {
    return error as Error
  } finally {
    // Its end waits for a server that may not answer.
    void client.end().catch(() => undefined)
  }
}

/** @param slowMs from where on it is too slow */
export function judgePostgres(facts: PostgresFacts | Error, slowMs: number): Finding {
  if (facts instanceof Error) {
    return problem(
      `PostgreSQL cannot be asked: ${reasonOf(facts)}`,
      'See that PostgreSQL runs, and that auth.database (DATABASE_URL) has its address, database, user and password.',
    )
  }
  const { version, isReadOnly, mayCreate, closed, latencyMs } = facts
  const seen = `PostgreSQL ${version} answers in ${latencyMs.toFixed(1)} ms`
  if (isReadOnly) {
    return problem(
      `${seen}, and is read-only`,
      'Name the primary in auth.database, or set default_transaction_read_only off: nobody can sign in otherwise.',
    )
  }
  if (closed.length > 0) {
    return problem(
      `${seen}, and this user may not read and write: ${closed.join(', ')}`,
      'GRANT SELECT, INSERT, UPDATE, DELETE on these tables to the user of auth.database.',
    )
  }
  if (!mayCreate) {
    return warning(
      `${seen}; this user may not create tables, which migrations need`,
      'Run `sallyport migrate` as a user who may, before each new version is started.',
    )
  }
  if (latencyMs <= slowMs) return ok(`${seen}, and can be written`)
  return warning(seen, 'Bring the database nearer: a request with an unknown session waits for it.')
}
