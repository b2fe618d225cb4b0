// SQLSTATE classes (PostgreSQL appendix A) that say that it is not the statement's fault: connection, resources, operator, system, internal, authorisation,
// configuration.
const outageClasses = new Set(['08', '28', '53', '57', '58', 'XX', 'F0'])
// Read-only transaction; no such database; a table or a column that is missing.
const outageStates = new Set(['25006', '3D000', '42P01', '42703'])

/** Whether a failure is the database's and not the statement's. What has no SQLSTATE never reached it. */
export function isOutage(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return true
  return outageClasses.has(code.slice(0, 2)) || outageStates.has(code)
}

/** Why a database cannot be opened, in a few words without a password. */
export function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'its host is not known',
    EAI_AGAIN: 'its host cannot be looked up',
    ETIMEDOUT: 'it does not answer',
    '28P01': 'the password is wrong',
    '28000': 'the user may not connect',
    '3D000': 'there is no such database',
    '53300': 'it has too many connections',
    '57P03': 'it is starting or stopping',
  }
  if (code !== undefined) return reasons[code] ?? `it answers with ${code}`
  return /timeout/i.test(error.message) ? 'it does not answer' : 'the connection failed'
}
