import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { starterText } from '../../src/cli/change/starter.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import { auditApi } from '../../src/openapi/audit.ts'
import { readOpenApi, type ApiDocument } from '../../src/openapi/read.ts'
import { secrets } from '../config/gateway-file.ts'

function read(document: object): ApiDocument {
  const api = readOpenApi(JSON.stringify({ openapi: '3.1.0', ...document }))
  if (api === null) throw new Error('no document')
  return api
}

/** What a starter is to the gateway; whatever `check --strict` would say is thrown. */
function load(text: string): GatewayConfig {
  const { config, problems } = parseConfig(text, {
    file: 'gateway.config.yaml',
    lookup: (name) => secrets[name],
    resolvePath: (path) => `/srv/${path}`,
    strict: true,
  })
  if (config === null || problems.length > 0) {
    throw new Error(`${problems.map(formatProblem).join('\n')}\n${text}`)
  }
  return config
}

const form = { 'application/x-www-form-urlencoded': {} }
const template = {
  paths: {
    '/api/v1/login/access-token': { post: { requestBody: { content: form } } },
    '/api/v1/utils/health-check/': { get: {} },
    '/api/v1/health/{name}': { get: {} },
    '/api/v1/items/': { get: { security: [{ o: [] }] }, post: { security: [{ o: [] }] } },
    '/api/v1/items/{id}': { get: { security: [{ o: [] }] } },
    '/api/v1/files/{id}/content': {
      put: { security: [{ o: [] }], requestBody: { content: { 'multipart/form-data': {} } } },
      get: { security: [{ o: [] }] },
    },
    '/api/v1/feed': {
      get: { security: [{ o: [] }], responses: { 200: { content: { 'text/event-stream': {} } } } },
    },
  },
  components: {
    securitySchemes: { o: { flows: { password: { tokenUrl: '/api/v1/login/access-token' } } } },
  },
}

t.test('only health and the endpoint of FastAPI’s own tokens are public', async (t) => {
  const api = read(template)
  const text = starterText(api, 'http://127.0.0.1:8000/api/v1/openapi.json')
  const config = load(text)
  const { rows } = auditApi(config, api, 'api')
  t.strictSame(
    rows.filter(({ state }) => state === 'public').map(({ method, path }) => `${method} ${path}`),
    ['POST /api/v1/login/access-token', 'GET /api/v1/utils/health-check/'],
  )
  t.ok(rows.every(({ state }) => state === 'public' || state === 'protected'))
  t.match(config.routes.find(({ name }) => name === 'login')?.rateLimit, { requests: 10, by: 'ip' })
  const uploads = config.routes.find(({ name }) => name === 'uploads')
  t.match(uploads, { bodyLimitBytes: 20 * 1024 ** 2, match: { methods: null } })
  t.match(config.routes.at(-1)?.match.paths, ['/api/v1/*'])
  t.match(text, /# Event streams need nothing.*\n# {3}GET \/api\/v1\/feed\n/)
  t.match(text, /want no credential.*\n# {3}GET \/api\/v1\/health\/\{name\}\n$/)
  t.match(text, 'FASTAPI_URL:-http://127.0.0.1:8000}')
  t.match(text, '[/docs/*, /redoc, /api/v1/openapi.json]'.replace('/docs/*', '"/docs/*"'))
})

t.test('other methods of a public path are served to those who are signed in', async (t) => {
  const api = read({ paths: { '/health': { get: {}, delete: {} }, '/items': { get: {} } } })
  const { rows } = auditApi(load(starterText(api, 'openapi.json')), api, 'api')
  t.match(rows, [
    { method: 'GET', path: '/health', state: 'public' },
    { method: 'DELETE', path: '/health', state: 'protected' },
    { method: 'GET', path: '/items', state: 'protected' },
  ])
})

t.test('Better Auth makes room for what FastAPI has at /api/auth', async (t) => {
  const api = read({ paths: { '/api/auth/login': { post: {} }, '/auth/me': { get: {} } } })
  const config = load(starterText(api, 'openapi.json'))
  t.equal(config.auth.path, '/accounts')
  t.ok(auditApi(config, api, 'api').rows.every(({ state }) => state === 'protected'))
})

t.test('the demo has what it needs', async (t) => {
  const text = readFileSync(join(import.meta.dirname, 'fixtures/demo.json'), 'utf8')
  const api = readOpenApi(text)
  if (api === null) throw new Error('no document')
  const config = load(starterText(api, 'demo.json'))
  t.strictSame(
    config.routes.map(({ name, match, auth }) => [name, auth.mode, ...match.paths]),
    [
      ['health', 'none', '/health'],
      ['docs', 'required', '/docs/*', '/redoc', '/openapi.json'],
      ['api', 'required', '/api/*'],
    ],
  )
})

const piece = fc.oneof(
  fc.constantFrom('health', 'ping', 'api', 'auth', 'docs', 'redoc', 'openapi.json', '_gateway', ''),
  fc.constantFrom('{id}', '{other-id}', '{name}.json', '{a}-{b}', '{1}', '{}'),
  fc.string({ maxLength: 6, unit: 'binary' }),
)
const operation = fc.record({
  security: fc.constantFrom([], [{ o: [] }]),
  requestBody: fc.constantFrom({}, { content: { 'multipart/form-data': {} } }),
})
const documents = fc.record({
  info: fc.record({ title: fc.string({ unit: 'binary' }) }),
  servers: fc.constantFrom([], [{ url: '/root' }], [{ url: 'https://x.test/a/b/' }]),
  paths: fc.dictionary(
    fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => `/${pieces.join('/')}`),
    fc.dictionary(fc.constantFrom('get', 'post', 'put', 'head'), operation),
    { maxKeys: 8 },
  ),
  components: fc
    .constantFrom('/health', 'token', '/api/auth', '/docs')
    .map((tokenUrl) => ({ securitySchemes: { o: { flows: { password: { tokenUrl } } } } })),
})

t.test('whatever an application calls its paths, the starter passes check --strict', async () => {
  fc.assert(
    fc.property(documents, (document) => {
      const api = read(document)
      if (api.operations.length > 0) load(starterText(api, 'openapi.json'))
    }),
    { numRuns: 500 },
  )
})
