import type { z } from 'zod'
import { configSchema } from '../schema.ts'
import { remoteAuthSchema } from '../schema/auth.ts'
import type { AuthConfig, DatabaseConfig, SignUpPolicy, SocialProvider } from '../types.ts'
import type { DocumentReader } from './reader.ts'

const { shape } = configSchema

type Written = z.output<typeof shape.auth>

/** `resolvePath` makes a path of the file absolute. */
export function readAuth(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): AuthConfig | null {
  if (reader.valueAt(['auth', 'mode']) === 'remote') return readRemote(reader)
  const auth = reader.read(shape.auth, ['auth'])
  if (auth === null) return null
  refuseWritten(reader, ['url', 'cookie', 'pushSecret'], 'is for `mode: remote` only')
  const { signIn, signUp, database, module } = auth
  return {
    ...readCommon(reader, auth),
    secrets: [auth.secret].flat(),
    database: toDatabase(reader, database, resolvePath),
    module: module === null ? null : resolvePath(module),
    signIn: { email: signIn.email, social: usableProviders(reader, signIn.social) },
    signUp: toSignUpPolicy(signUp),
    remote: null,
  }
}

function readRemote(reader: DocumentReader): AuthConfig | null {
  const auth = reader.read(remoteAuthSchema, ['auth'])
  refuseWritten(
    reader,
    ['database', 'module', 'signIn', 'signUp', ['session', 'store']],
    'is decided where Better Auth runs: with `mode: remote` it cannot be said here',
  )
  if (isEmpty(reader.valueAt(['auth', 'url']))) {
    reader.error(['auth', 'url'], '`mode: remote` needs the address of Better Auth')
  }
  if (auth === null || auth.url === null) return null
  const { url, cookie, pushSecret } = auth
  return {
    ...readCommon(reader, auth),
    // Only what the file itself says counts: a variable that is left over from an embedded Better Auth would make forgeries of everybody's cookies.
    secrets: auth.secret === undefined || auth.secret === 'none' ? [] : [auth.secret].flat(),
    database: { kind: 'sqlite', file: ':memory:' },
    module: null,
    signIn: { email: true, social: {} },
    signUp: { kind: 'closed' },
    remote: { url, cookie, pushSecret: pushSecret === '' ? null : pushSecret },
  }
}

function readCommon(
  reader: DocumentReader,
  auth: Pick<Written, 'mode' | 'path' | 'session' | 'loginPage' | 'trustedOrigins'>,
): Pick<AuthConfig, 'mode' | 'path' | 'session' | 'loginPage' | 'trustedOrigins'> {
  const { mode, path, session, loginPage, trustedOrigins } = auth
  if (session.refreshAfter >= session.lifetime) {
    reader.error(['auth', 'session', 'refreshAfter'], 'must be shorter than `lifetime`')
  }
  return {
    mode,
    path,
    session: {
      lifetimeMs: session.lifetime,
      refreshAfterMs: session.refreshAfter,
      cacheMs: session.cache,
      store: mode === 'remote' ? 'database' : toSessionStore(reader, session.store),
    },
    loginPage,
    trustedOrigins,
  }
}

/** Refuses keys that mean nothing in this mode, where they stand. An empty value says nothing. */
function refuseWritten(
  reader: DocumentReader,
  keys: readonly (string | readonly string[])[],
  why: string,
): void {
  for (const key of keys) {
    const path = ['auth', ...[key].flat()]
    if (!isEmpty(reader.valueAt(path))) reader.error(path, why, 'key')
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function toDatabase(
  reader: DocumentReader,
  database: DatabaseConfig,
  resolvePath: (path: string) => string,
): DatabaseConfig {
  if (database.kind === 'sqlite') {
    const { file } = database
    return { kind: 'sqlite', file: file === ':memory:' ? file : resolvePath(file) }
  }
  const path = ['auth', 'database']
  if (new URL(database.url).password !== '' && reader.isLiteral(path)) {
    reader.warn(path, 'a password in this file can be read by whoever reads the file: use ${NAME}')
  }
  return database
}

function toSessionStore(
  reader: DocumentReader,
  written: AuthConfig['session']['store'],
): AuthConfig['session']['store'] {
  const hasRedis = !['', null, undefined].includes(reader.valueAt(['redis']) as string)
  if (written === 'redis' && !hasRedis) {
    reader.error(['auth', 'session', 'store'], 'needs `redis`')
  }
  return written
}

function usableProviders(
  reader: DocumentReader,
  written: Readonly<Partial<Record<string, SocialProvider>>>,
): Record<string, SocialProvider> {
  const providers: Record<string, SocialProvider> = {}
  for (const [name, provider] of Object.entries(written)) {
    if (provider === undefined || provider.clientId === '') continue
    if (provider.clientSecret === '') {
      const path = ['auth', 'signIn', 'social', name, 'clientSecret']
      reader.error(path, 'must not be empty while `clientId` is set')
    }
    providers[name] = provider
  }
  return providers
}

function toSignUpPolicy(signUp: Written['signUp']): SignUpPolicy {
  return typeof signUp === 'string'
    ? { kind: signUp }
    : { kind: 'domains', domains: signUp.domains }
}
