import fc from 'fast-check'

const patterns = [
  '/api/*',
  '/api/users/{id}',
  '/api/users/me',
  '/api/users/*',
  '/api/{what}/list',
  '/api/a',
  '/open/*',
  '/open/{name}',
  '/app/*',
  '/*',
] as const

const access = [
  'required',
  'optional',
  'none',
  { accept: ['bearer'] },
  { accept: ['session'] },
  { roles: ['admin'] },
  { scopes: ['items:read'] },
  { fresh: '10m' },
  { emailVerified: true },
  { mode: 'none', forwardAuthorization: true },
  { mode: 'optional', accept: ['session'] },
] as const

interface Made {
  readonly route: Readonly<Record<string, unknown>>
  readonly key: string
}

/** One route; not all of them can be in a file. */
function route(): fc.Arbitrary<Made> {
  return fc
    .record({
      path: fc.constantFrom(...patterns),
      auth: fc.constantFrom(...access),
      methods: fc.constantFrom(null, null, ['GET'], ['POST', 'PUT'], ['GET', 'DELETE']),
      host: fc.constantFrom(null, null, null, 'admin.test'),
      more: fc.constantFrom<object>(
        {},
        { cors: { origins: ['https://partner.example'] } },
        { cors: { origins: ['https://partner.example'] } },
        { cors: { origins: ['https://partner.example', 'https://other.example'] } },
        { bodyLimit: '10B' },
        { headers: { request: { 'X-Tenant': 'ours', 'Idempotency-Key': null } } },
        { rateLimit: { requests: 100_000, per: '1m', by: 'ip' } },
        { rateLimit: { requests: 100_000, per: '1m' } },
      ),
      allow: fc.constantFrom([], [], ['%2F'], [';']),
      kind: fc.constantFrom('plain', 'plain', 'stripped', 'owner'),
      websocket: fc.constantFrom({ websocket: true }, { websocket: { maxMessage: '1KB' } }, {}),
    })
    .map(({ path, auth, methods, host, more, allow, kind, websocket }) => {
      const isOwned = kind === 'owner' && path.includes('{id}')
      const isStripped = kind === 'stripped' && path.startsWith('/api/')
      const match = {
        ...{ path, allow },
        ...(methods === null ? {} : { methods }),
        ...(host === null ? {} : { host }),
      }
      return {
        key: `${String(host)} ${path}`,
        route: {
          match,
          auth: isOwned ? { owner: 'id' } : auth,
          upstream: 'api',
          ...(isStripped ? { rewrite: { stripPrefix: '/api' } } : {}),
          // A handshake is a GET.
          ...(methods === null || methods[0] === 'GET' ? websocket : {}),
          ...more,
        },
      }
    })
}

/** Files are in every table: among so few routes they would hardly ever be. */
function withFiles(made: readonly Made[]): readonly Made[] {
  const key = 'null /app/*'
  const match = { path: '/app/*' }
  const service = { static: { dir: './web', fallback: 'index.html' } }
  const files = { key, route: { match, ...service, auth: 'optional' } }
  return [...made.filter((each) => each.key !== key), files]
}

/** Lists of routes, each at a place of its own, as YAML (which JSON is). */
export const tables: fc.Arbitrary<string> = fc
  .uniqueArray(route(), { minLength: 4, maxLength: 8, selector: ({ key }) => key })
  .map((made) => withFiles(made))
  .map((made) =>
    made
      .map((each, index) => `\n  - ${JSON.stringify({ name: `r${index}`, ...each.route })}`)
      .join(''),
  )
