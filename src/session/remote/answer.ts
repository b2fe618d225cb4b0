import type { Session } from '../../authn/principal.ts'
import type { Rows } from '../rows.ts'
import type { Answer } from './client/client.ts'
import { RemoteFailure } from './client/failure.ts'

/** What get-session said of a session that lives. */
export interface Told {
  readonly rows: Rows
  /** When it was extended or changed last, milliseconds since the epoch; null where that is not said. */
  readonly updatedAtMs: number | null
  /** It extends sessions only when asked to (`deferSessionRefresh`), and this one is due. */
  readonly needsRefresh: boolean
  /** Said by our plugin there, and by nobody else. */
  readonly organization: Session['organization']
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an answer of get-session. Null is the only "no", and only with status 200; whatever else is not a session throws a `RemoteFailure`: an outage,
 * a proxy in between and a changed body must sign nobody out.
 *
 * @param token what was asked about: an answer about another session is none
 */
export function readAnswer({ status, text }: Answer, token: string): Told | null {
  if (status === 429) throw new RemoteFailure('its rate limit is reached', { isBusy: true })
  if (status !== 200) throw new RemoteFailure(`get-session answers ${status}`)
  const body = parse(text)
  if (body === null) return null
  const { session, user, needsRefresh, sallyport } = fieldsOf(body, 'the body')
  const rows = {
    session: readSession(fieldsOf(session, 'session'), token),
    user: readUser(fieldsOf(user, 'user')),
  }
  if (rows.session.userId !== rows.user.id) throw unlike('session.userId')
  return {
    rows,
    updatedAtMs: timeOf(fieldsOf(session, 'session')['updatedAt']),
    needsRefresh: needsRefresh === true,
    organization: readOrganization(sallyport),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RemoteFailure('get-session answers something that is not JSON')
  }
}

function readSession(fields: Fields, token: string): Rows['session'] {
  const { id, userId, expiresAt, createdAt, impersonatedBy } = fields
  // A cache in between that mixes up its answers must not give one user the session of another.
  if (fields['token'] !== undefined && fields['token'] !== token) throw unlike('session.token')
  if (timeOf(expiresAt) === null) throw unlike('session.expiresAt')
  if (timeOf(createdAt) === null) throw unlike('session.createdAt')
  return {
    id: textOf(id, 'session.id'),
    userId: textOf(userId, 'session.userId'),
    expiresAt: expiresAt as string,
    createdAt: createdAt as string,
    impersonatedBy: optionalText(impersonatedBy, 'session.impersonatedBy'),
  }
}

function readUser(fields: Fields): Rows['user'] {
  const { id, email, emailVerified, name, image, role, banned, banExpires } = fields
  if (typeof emailVerified !== 'boolean') throw unlike('user.emailVerified')
  if (banned !== undefined && banned !== null && typeof banned !== 'boolean') {
    throw unlike('user.banned')
  }
  const checked: Rows['user'] = {
    id: textOf(id, 'user.id'),
    email: textOf(email, 'user.email'),
    emailVerified,
    name: typeof name === 'string' ? name : '',
    image: optionalText(image, 'user.image'),
    role: optionalText(role, 'user.role'),
    banned: banned === true,
    // A ban whose end cannot be read has none.
    banExpires: timeOf(banExpires) === null ? null : (banExpires as string),
  }
  // What else there is becomes text, or is left out, where sessions are made.
  return { ...fields, ...checked }
}

function readOrganization(said: unknown): Session['organization'] {
  if (typeof said !== 'object' || said === null) return null
  const { organization } = said as Fields
  if (typeof organization !== 'object' || organization === null) return null
  const { id, role } = organization as Fields
  return typeof id === 'string' && typeof role === 'string' ? { id, role } : null
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw unlike(name)
}

// As the gateway's own bearer claims must be: it becomes a header.
const idGrammar = /^[\x21-\x7e]{1,128}$/

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw unlike(name)
  if (/\.(?:id|userId)$/.test(name) && !idGrammar.test(value)) throw unlike(name)
  return value
}

function optionalText(value: unknown, name: string): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw unlike(name)
  return value
}

/** RFC 3339, as JSON has dates; milliseconds since the epoch. */
function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(ms) ? null : ms
}

function unlike(name: string): RemoteFailure {
  return new RemoteFailure(
    `get-session answers without a usable ${name}: a plugin such as customSession must keep \`session\` and \`user\` as they are`,
  )
}
