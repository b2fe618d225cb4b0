/** A value as `node:sqlite` reads it, whole numbers exact. */
export type SqliteValue = null | bigint | number | string | Uint8Array

/** A value as a parameter of PostgreSQL's. */
export type PostgresValue = null | string | boolean | Date | Buffer

/** What SQLite's own `CURRENT_TIMESTAMP` writes: UTC, and says nothing of it. */
const withoutZone = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/

/**
 * The same value for a column of PostgreSQL. SQLite has no dates, no booleans and no JSON: Better Auth keeps them as ISO text (or milliseconds), 0 and 1, and text.
 * Throws a `TypeError` that does not repeat the value, where it is none of such a column.
 * @param type PostgreSQL's name of the column's type, as in `pg_type`
 */
export function toPostgres(value: SqliteValue, type: string): PostgresValue {
  if (value === null) return null
  if (type === 'timestamptz' || type === 'date') return toDate(value).toISOString()
  // Better Auth's driver writes and reads those in the zone of its process, and so does this one.
  if (type === 'timestamp') return toDate(value)
  if (type === 'bool') return toBoolean(value)
  if (type === 'bytea') return Buffer.from(value as Uint8Array)
  if (value instanceof Uint8Array) throw new TypeError(`bytes, and no ${type}`)
  return String(value)
}

function toDate(value: Exclude<SqliteValue, null>): Date {
  const date = new Date(
    typeof value === 'string'
      ? withoutZone.test(value)
        ? `${value.replace(' ', 'T')}Z`
        : value
      : Number(value),
  )
  if (Number.isNaN(date.getTime())) throw new TypeError('no date')
  return date
}

function toBoolean(value: Exclude<SqliteValue, null>): boolean {
  const text = String(value)
  if (text === '1' || text === 'true') return true
  if (text === '0' || text === 'false') return false
  throw new TypeError('neither true nor false')
}
