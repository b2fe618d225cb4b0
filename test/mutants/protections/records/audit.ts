import type { Mutant } from '../../mutant.ts'

const text = 'src/ops/audit/text.ts'
const changes = 'src/session/audit/changes.ts'
const conclude = 'src/session/audit/conclude.ts'
const eye = 'src/session/audit/watch/eye.ts'
const file = 'src/ops/audit/file.ts'
const copy = 'src/session/embedded/store/sqlite/copy.ts'
const marks = 'src/session/revocation/marks.ts'
const hostile = ['test/audit/hostile.test.ts']
const embedded = ['test/audit/embedded.test.ts']
const files = ['test/audit/file.test.ts']
const backups = ['test/backup/restore.test.ts']

/** What the audit log says once and what it never says, and what a backup does not bring back. */
export const audits: readonly Mutant[] = [
  {
    name: 'audit-controls',
    protection: 'no character that a terminal obeys gets into the audit log',
    file: text,
    find: ".replaceAll(unprintable, '\\ufffd')",
    replace: '',
    tests: hostile,
    covers: [],
  },
  {
    name: 'audit-address',
    protection: 'what does not look like an address is not said: it may be a password',
    file: text,
    find: 'trimmed.length <= maxAddress && address.test(trimmed)',
    replace: 'trimmed.length <= maxAddress',
    tests: hostile,
    covers: [],
  },
  {
    name: 'audit-second-factor',
    protection: 'a session that was ended because a second factor is missing is no sign-in',
    file: changes,
    find: 'if (passing.has(sessionId))\n',
    replace: 'if (passing.has(`x${sessionId}`))\n',
    tests: embedded,
    covers: [],
  },
  {
    name: 'audit-nobody',
    protection: 'a failed sign-in does not say whose account it was',
    file: conclude,
    find: "return actorId === null ? { ...from, actor: 'unknown' } :",
    replace: 'return',
    tests: embedded,
    covers: [],
  },
  {
    name: 'audit-rolled-back',
    protection: 'what is written in a transaction is said when it is committed',
    file: eye,
    find: '      held.forEach(note)\n',
    replace: '',
    tests: embedded,
    covers: [],
  },
  {
    name: 'audit-mode',
    protection: 'only its owner reads the audit log',
    file,
    find: 'fchmodSync(file, 0o600)',
    replace: 'fchmodSync(file, 0o644)',
    tests: files,
    covers: [],
  },
  {
    name: 'audit-lost',
    protection: 'what a full disk does not take is said and counted',
    file,
    find: 'this.#lose(lines.slice(Math.max(0, whole)), codeOf(failure))',
    replace: 'void whole',
    tests: files,
    covers: [],
  },
  {
    name: 'restore-sessions',
    protection: 'a backup brings no session back',
    file: copy,
    find: `DELETE FROM "session"; `,
    replace: '',
    // The second step would end them too: this one holds where that fails.
    tests: ['test/backup/copy.test.ts'],
    covers: [],
  },
  {
    name: 'restore-in-use',
    protection: 'a database that somebody has open is not replaced',
    file: copy,
    find: 'if (had) closeForGood(target)',
    replace: '',
    tests: backups,
    covers: [],
  },
  {
    name: 'backup-overwrites',
    protection: 'a backup replaces nothing',
    file: copy,
    find: 'if (existsSync(target)) throw',
    replace: 'if (existsSync(`${target}.none`)) throw',
    tests: backups,
    covers: [],
  },
  {
    name: 'everyone-marked',
    protection: 'what was issued for anybody before everybody was revoked is refused',
    file: marks,
    find: 'const marks = [this.#users.get(userId) ?? null, this.#everyone]',
    replace: 'const marks = [this.#users.get(userId) ?? null]',
    tests: backups,
    covers: [],
  },
]
