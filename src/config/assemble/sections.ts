import type { z } from 'zod'
import { configSchema } from '../schema.ts'
import type {
  AdminConfig,
  AuthConfig,
  BearerConfig,
  IdentityConfig,
  IdentitySource,
  RedisConfig,
  ServerConfig,
  SignUpPolicy,
  SocialProvider,
} from '../types.ts'
import { judgeClaim, judgeIdentityHeader } from '../values/names.ts'
import type { DocumentReader } from './reader.ts'

const { shape } = configSchema

/** `resolvePath` makes a path of the file absolute. */
export function readServer(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): ServerConfig | null {
  const server = reader.read(shape.server, ['server'])
  if (server === null) return null
  const { listen, publicUrl, hosts, trustedProxies, tls, limits, shutdown } = server
  return {
    listen,
    publicUrl,
    hosts,
    trustedProxies,
    tls: tls && { certFile: resolvePath(tls.cert), keyFile: resolvePath(tls.key) },
    limits,
    shutdown: { drainMs: shutdown.drain, graceMs: shutdown.grace },
  }
}

/** undefined: wrong; null: turned off. */
export function readAdmin(reader: DocumentReader): AdminConfig | null | undefined {
  const admin = reader.read(shape.admin, ['admin'])
  if (admin === null) return undefined
  return admin === 'none' ? null : { listen: admin.listen }
}

/** null: there is none, or it is wrong. */
export function readRedis(reader: DocumentReader): RedisConfig | null {
  const path = ['redis']
  const url = reader.read(shape.redis, path)
  if (url === null) return null
  if (new URL(url).password !== '' && reader.isLiteral(path)) {
    reader.warn(path, 'a password in this file can be read by whoever reads the file: use ${NAME}')
  }
  return { url }
}

/** `resolvePath` makes a path of the file absolute. */
export function readAuth(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): AuthConfig | null {
  const auth = reader.read(shape.auth, ['auth'])
  if (auth === null) return null
  const { session, signIn, signUp, database, module } = auth
  if (session.refreshAfter >= session.lifetime) {
    reader.error(['auth', 'session', 'refreshAfter'], 'must be shorter than `lifetime`')
  }
  return {
    mode: auth.mode,
    path: auth.path,
    secret: auth.secret,
    database: {
      kind: 'sqlite',
      file: database === ':memory:' ? database : resolvePath(database),
    },
    module: module === null ? null : resolvePath(module),
    session: {
      lifetimeMs: session.lifetime,
      refreshAfterMs: session.refreshAfter,
      cacheMs: session.cache,
    },
    signIn: { email: signIn.email, social: usableProviders(reader, signIn.social) },
    signUp: toSignUpPolicy(signUp),
    loginPage: auth.loginPage,
    trustedOrigins: auth.trustedOrigins,
  }
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

function toSignUpPolicy(signUp: z.output<typeof shape.auth>['signUp']): SignUpPolicy {
  return typeof signUp === 'string'
    ? { kind: signUp }
    : { kind: 'domains', domains: signUp.domains }
}

export function readBearer(reader: DocumentReader): BearerConfig | null {
  const bearer = reader.read(shape.bearer, ['bearer'])
  if (bearer === null) return null
  if (bearer.ttl > bearer.maxLifetime) {
    reader.error(['bearer', 'ttl'], 'must not be longer than `maxLifetime`')
  }
  return {
    secrets: typeof bearer.secret === 'string' ? [bearer.secret] : bearer.secret,
    ttlMs: bearer.ttl,
    maxLifetimeMs: bearer.maxLifetime,
    userClaim: bearer.userClaim,
    issuer: bearer.issuer,
    audience: bearer.audience,
  }
}

export function readIdentity(reader: DocumentReader): IdentityConfig | null {
  checkHeaderNames(reader)
  checkClaimNames(reader)
  const identity = reader.read(shape.identity, ['identity'])
  if (identity === null) return null
  const { token } = identity
  const others = toSources(identity.headers).filter(
    ({ name }) => name.toLowerCase() !== 'x-user-id',
  )
  const headers = [{ name: 'X-User-Id', source: 'user.id' } as const, ...others]
  if (token === 'none') return { headers, token: null }
  const { profile, ttl, claims } = token
  return { headers, token: { profile, ttlMs: ttl, claims: toSources(claims) } }
}

function toSources(
  written: Readonly<Record<string, IdentitySource>>,
): { readonly name: string; readonly source: IdentitySource }[] {
  return Object.entries(written).map(([name, source]) => ({ name, source }))
}

// Names are looked at in the data, so that one wrong value does not hide a wrong name.
function checkHeaderNames(reader: DocumentReader): void {
  const base = ['identity', 'headers']
  const seen = new Set<string>()
  for (const name of reader.keysAt(base)) {
    const lower = name.toLowerCase()
    const problem = seen.has(lower)
      ? 'this header is already listed (case does not matter)'
      : judgeIdentityHeader(name)
    seen.add(lower)
    if (problem !== null) reader.error([...base, name], problem, 'key')
    else if (lower === 'x-user-id' && reader.valueAt([...base, name]) !== 'user.id') {
      reader.error([...base, name], 'X-User-Id is always user.id: use another header')
    }
  }
}

function checkClaimNames(reader: DocumentReader): void {
  const base = ['identity', 'token', 'claims']
  for (const name of reader.keysAt(base)) {
    const problem = judgeClaim(name)
    if (problem !== null) reader.error([...base, name], problem, 'key')
  }
}
