import { actors, methods, reasons, ways } from './words.ts'

/**
 * What the audit log can say: the one table from which its types, `config/audit.schema.json` and docs/audit-log.md derive. Fields and events may be added to a
 * version; none is renamed, removed or given another meaning without a new one.
 */
export const auditVersion = 1

interface Field {
  readonly what: string
  /** Longest text, in UTF-16 code units; a longer one is cut. */
  readonly max?: number
  readonly words?: readonly string[]
  readonly type?: 'text' | 'count' | 'time' | 'email'
}

const wordsOf = <const T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[]

/** What every event has; null where there is none. */
export const common = {
  actor: { what: 'Who did it.', words: wordsOf(actors) },
  via: { what: 'Which way it was asked for.', words: wordsOf(ways) },
  actorId: { what: 'User id of whoever did it.', max: 128 },
  userId: { what: 'User id of whom it concerns.', max: 128 },
  sessionId: { what: 'Id of the session that it concerns: never its token.', max: 128 },
  requestId: { what: '`X-Request-Id` of the request, as in the access log.', max: 64 },
  address: { what: "The client's address, as `server.trustedProxies` lets it be seen.", max: 64 },
  userAgent: {
    what: 'The first 256 characters of `User-Agent`, without control characters.',
    max: 256,
  },
} as const satisfies Record<string, Field>

/** What only some events have; null where it is not known. */
export const details = {
  method: { what: 'How.', words: wordsOf(methods) },
  provider: { what: 'Name of the provider, for `social`.', max: 64 },
  factor: { what: 'Which second factor.', words: ['totp', 'otp', 'backup_code'] },
  endpoint: {
    what: 'Pattern of the Better Auth endpoint, below `auth.path`, without values; null where it is known from `method`.',
    max: 128,
  },
  reason: { what: 'Why it failed; null for a success.', words: wordsOf(reasons) },
  email: {
    what: 'The address that was given, in lower case, where it looks like one; see “Personal data”.',
    type: 'email',
    max: 254,
  },
  previousSessionId: { what: 'Id of the session that this one replaces.', max: 128 },
  roles: { what: 'As they are now: names, separated by commas.', max: 256 },
  until: { what: 'When the ban ends by itself; null: never.', type: 'time' },
  organizationId: { what: 'Id of the organisation.', max: 128 },
  keyId: { what: 'Id of the API key: never the key.', max: 128 },
  fingerprint: {
    what: 'The first 12 hexadecimal digits of a digest of all files that the configuration was read from.',
    max: 64,
  },
  problem: { what: 'The first problem, with its place.', max: 512 },
  gatewayVersion: { what: 'Version of the gateway.', max: 32 },
  action: { what: 'What was done, in words such as `connection.close`.', max: 64 },
  sessions: { what: 'How many sessions ended.', type: 'count' },
  file: { what: 'Name of the file.', max: 512 },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof common
export type DetailName = keyof typeof details

interface EventSpec {
  readonly what: string
  readonly outcomes: readonly ('success' | 'failure')[]
  readonly details: readonly DetailName[]
}

const succeeds = ['success'] as const
const either = ['success', 'failure'] as const

/** Every event by its name. */
export const events = {
  sign_in: {
    what: 'A session began, or somebody tried to begin one.',
    outcomes: either,
    details: ['method', 'provider', 'factor', 'endpoint', 'email', 'reason'],
  },
  'second_factor.asked': {
    what: 'The password was right; the second factor is asked for, and nobody is signed in yet.',
    outcomes: succeeds,
    details: ['method'],
  },
  sign_up: {
    what: 'Somebody made an account for themselves, or tried to. Whoever is signed in by it has a `sign_in` too.',
    outcomes: either,
    details: ['method', 'provider', 'endpoint', 'email', 'reason'],
  },
  sign_out: { what: 'Somebody ended their own session.', outcomes: succeeds, details: [] },
  'session.revoked': {
    what: 'A session ended before its time, by anything but signing out.',
    outcomes: succeeds,
    details: [],
  },
  'session.replaced': {
    what: 'A session goes on under another id, after a change of password or second factor.',
    outcomes: succeeds,
    details: ['previousSessionId'],
  },
  'user.revoked': {
    what: 'All that was issued for a user until now no longer counts: sessions, tokens, whoever issued them.',
    outcomes: succeeds,
    details: [],
  },
  'everyone.revoked': {
    what: 'The same for all users (`sallyport revoke everyone`, `sallyport restore`).',
    outcomes: succeeds,
    details: ['sessions'],
  },
  'password.changed': {
    what: 'A password was changed, by its owner or by an administrator.',
    outcomes: either,
    details: ['reason'],
  },
  'password.reset_asked': {
    what: 'Somebody asked for a mail to reset a password. Whether there is such an account is not said.',
    outcomes: either,
    details: ['email', 'reason'],
  },
  'password.reset': {
    what: 'A password was set by the link or code of such a mail.',
    outcomes: either,
    details: ['reason'],
  },
  'email.verified': {
    what: 'An e-mail address was verified.',
    outcomes: either,
    details: ['reason'],
  },
  'email.change_asked': {
    what: 'Somebody asked for another e-mail address; it counts when it has been confirmed.',
    outcomes: succeeds,
    details: ['email'],
  },
  'email.changed': {
    what: 'A user has another e-mail address.',
    outcomes: succeeds,
    details: ['email'],
  },
  'second_factor.enabled': {
    what: 'A second factor is asked for from now on.',
    outcomes: either,
    details: ['reason'],
  },
  'second_factor.disabled': {
    what: 'No second factor is asked for any longer.',
    outcomes: either,
    details: ['reason'],
  },
  'user.created': { what: 'An administrator made an account.', outcomes: succeeds, details: [] },
  'user.deleted': { what: 'An account is gone.', outcomes: succeeds, details: [] },
  'user.banned': { what: 'A user was banned.', outcomes: succeeds, details: ['until'] },
  'user.unbanned': {
    what: 'A ban was lifted, or has run out.',
    outcomes: succeeds,
    details: [],
  },
  'role.changed': { what: 'A user has other roles.', outcomes: succeeds, details: ['roles'] },
  'impersonation.started': {
    what: 'An administrator acts as a user from now on, in the session `sessionId`.',
    outcomes: succeeds,
    details: [],
  },
  'impersonation.stopped': {
    what: 'An administrator no longer does.',
    outcomes: succeeds,
    details: [],
  },
  'api_key.created': { what: 'An API key was made.', outcomes: succeeds, details: ['keyId'] },
  'api_key.deleted': { what: 'An API key was deleted.', outcomes: succeeds, details: ['keyId'] },
  'membership.added': {
    what: 'A user is a member of an organisation.',
    outcomes: succeeds,
    details: ['organizationId', 'roles'],
  },
  'membership.changed': {
    what: 'A member has other roles.',
    outcomes: succeeds,
    details: ['organizationId', 'roles'],
  },
  'membership.removed': {
    what: 'A user is no longer a member.',
    outcomes: succeeds,
    details: ['organizationId'],
  },
  administration: {
    what: 'Another `/admin/…` endpoint of Better Auth that changes something, or any of them refused.',
    outcomes: either,
    details: ['endpoint', 'reason'],
  },
  'console.action': {
    what: 'Something was done, or was refused, on the console.',
    outcomes: either,
    details: ['action', 'sessions', 'reason'],
  },
  'configuration.reloaded': {
    what: 'The files of the configuration have changed: they are in force, or were refused as a whole.',
    outcomes: either,
    details: ['fingerprint', 'reason', 'problem'],
  },
  'gateway.started': {
    what: 'The gateway listens.',
    outcomes: succeeds,
    details: ['gatewayVersion'],
  },
  'gateway.stopped': {
    what: 'The gateway has stopped. A gateway that was killed says nothing.',
    outcomes: succeeds,
    details: ['gatewayVersion'],
  },
  'database.backed_up': {
    what: '`sallyport backup` has made a copy of the auth database.',
    outcomes: succeeds,
    details: ['file'],
  },
  'database.restored': {
    what: '`sallyport restore` has put a copy in the place of the auth database.',
    outcomes: succeeds,
    details: ['file', 'sessions'],
  },
  'database.moved': {
    what: '`sallyport migrate --from` has brought the accounts of an SQLite file into the auth database.',
    outcomes: succeeds,
    details: ['file'],
  },
} as const satisfies Record<string, EventSpec>

export type EventName = keyof typeof events
