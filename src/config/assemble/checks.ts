import { judgeSecret } from '../secrets.ts'
import type { AdminConfig, AuthConfig, ServerConfig } from '../types.ts'
import type { Path } from '../yaml/places.ts'
import type { DocumentReader } from './reader.ts'

/** Parts that came through parsing; null for those that did not. */
export interface Parts {
  readonly server: ServerConfig | null
  readonly admin: AdminConfig | null
  readonly auth: AuthConfig | null
}

/**
 * The rules that concern more than one key: secrets, addresses, and what deserves a warning. Secrets are looked at in the data, so
 * that one wrong key elsewhere in a section does not hide a weak secret.
 */
export function checkAcross(reader: DocumentReader, parts: Parts): void {
  checkSecrets(reader)
  checkPushSecret(reader)
  checkAdminToken(reader)
  checkAddresses(reader, parts)
  warnAboutServer(reader, parts.server)
  warnAboutAccounts(reader, parts.auth)
}

function checkSecrets(reader: DocumentReader): void {
  const authPaths = secretPaths(reader, ['auth', 'secret'])
  const bearerPaths = secretPaths(reader, ['bearer', 'secret'])
  for (const path of [...authPaths, ...bearerPaths]) judgeAt(reader, path)
  const known = new Map<string, 'auth' | 'bearer'>()
  for (const path of [...authPaths, ...bearerPaths]) {
    const secret = reader.valueAt(path)
    if (typeof secret !== 'string' || secret === '') continue
    const section = path[0] === 'auth' ? 'auth' : 'bearer'
    const earlier = known.get(secret)
    known.set(secret, earlier ?? section)
    if (earlier === undefined) continue
    const message =
      earlier === section
        ? 'this secret is already in the list'
        : 'must differ from auth.secret: whoever can verify tokens could forge what Better Auth signs'
    reader.error(path, message)
  }
}

/** Where the secrets of a section are: at a path, or in a list there. */
function secretPaths(reader: DocumentReader, path: Path): readonly Path[] {
  const written = reader.valueAt(path)
  return Array.isArray(written) ? written.map((_, index) => [...path, index]) : [path]
}

function judgeAt(reader: DocumentReader, path: Path): void {
  const secret = reader.valueAt(path)
  if (typeof secret !== 'string' || isLeftToRemote(reader, path)) return
  const problem = judgeSecret(secret)
  if (problem !== null) reader.error(path, problem)
  else if (reader.isLiteral(path)) {
    reader.warn(path, 'a secret in this file can be read by whoever reads the file: use ${NAME}')
  }
}

/** `secret: none`: the remote Better Auth keeps its secret to itself. */
function isLeftToRemote(reader: DocumentReader, path: Path): boolean {
  const isAlone = path.length === 2 && path[0] === 'auth'
  return isAlone && reader.valueAt(path) === 'none' && reader.valueAt(['auth', 'mode']) === 'remote'
}

function checkPushSecret(reader: DocumentReader): void {
  const path = ['auth', 'pushSecret']
  const secret = reader.valueAt(path)
  if (secret === '' || reader.valueAt(['auth', 'mode']) !== 'remote') return
  judgeAt(reader, path)
  const others = [reader.valueAt(['auth', 'secret']), reader.valueAt(['bearer', 'secret'])].flat()
  if (typeof secret === 'string' && others.includes(secret)) {
    reader.error(path, 'must differ from the other secrets: each opens one door')
  }
}

/** Empty: there is none. */
function checkAdminToken(reader: DocumentReader): void {
  const path = ['admin', 'token']
  const token = reader.valueAt(path)
  if (typeof token !== 'string' || token === '') return
  judgeAt(reader, path)
  const others = ['auth', 'bearer'].flatMap((section) => reader.valueAt([section, 'secret']))
  if ([...others, reader.valueAt(['auth', 'pushSecret'])].includes(token)) {
    reader.error(path, 'must differ from the other secrets: each opens one door')
  }
}

function checkAddresses(reader: DocumentReader, { server, admin }: Parts): void {
  if (server === null || admin === null) return
  const { listen } = admin
  if (listen.port === 0 || listen.port !== server.listen.port) return
  const wildcards = ['0.0.0.0', '::']
  const overlaps =
    listen.host === server.listen.host ||
    wildcards.includes(listen.host) ||
    wildcards.includes(server.listen.host)
  if (overlaps) reader.error(['admin', 'listen'], 'server.listen already has this address')
}

function warnAboutServer(reader: DocumentReader, server: ServerConfig | null): void {
  if (server === null) return
  warnAboutPublicUrl(reader, server)
  for (const [index, network] of server.trustedProxies.entries()) {
    if (network.endsWith('/0')) {
      reader.warn(['server', 'trustedProxies', index], 'everybody can now forge client addresses')
    }
  }
}

function warnAboutPublicUrl(
  reader: DocumentReader,
  { publicUrl, listen, tls }: ServerConfig,
): void {
  const path = ['server', 'publicUrl']
  const { protocol, hostname, port } = new URL(publicUrl)
  const isHttps = protocol === 'https:'
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|.+\.localhost)$/.test(hostname)
  if (!isHttps && tls !== null) {
    reader.warn(path, '`server.tls` serves https: write the origin with https')
  } else if (!isHttps && !isLoopback) {
    reader.warn(path, 'without https, session cookies travel in the clear')
  }
  // Behind something that ends TLS the ports have nothing to do with each other.
  const isServedByUs = isHttps === (tls !== null)
  const named = Number(port === '' ? (isHttps ? 443 : 80) : port)
  if (isLoopback && isServedByUs && listen.port !== 0 && named !== listen.port) {
    reader.warn(path, `names another port than server.listen (${String(listen.port)})`)
  }
}

function warnAboutAccounts(reader: DocumentReader, auth: AuthConfig | null): void {
  if (auth === null || auth.remote !== null) return
  if (!reader.isWritten(['auth', 'signUp'])) {
    reader.warn(['auth', 'signUp'], 'anybody may sign up: say `open`, `closed` or `domains`')
  }
  const { email, social } = auth.signIn
  if (!email && Object.keys(social).length === 0 && auth.module === null) {
    reader.warn(['auth', 'signIn'], 'nobody can sign in: no e-mail, no provider, no `module`')
  }
}
