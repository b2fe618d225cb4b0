import type { ApiDocument, Operation } from './read.ts'
import { sort, type Sorted } from './sorted.ts'
import { groupsOf, isUnder, toPattern, type Group } from './groups.ts'

export interface StarterOptions {
  /** Origin of FastAPI, as the default of `${FASTAPI_URL}`. */
  readonly upstream: string
  /** Where its OpenAPI document is served, if it was fetched; null: `/openapi.json`. */
  readonly documentPath: string | null
  /** Whether a route can have this path. */
  readonly isPattern: (pattern: string) => boolean
}

/**
 * A configuration to start from: nothing is public but what answers whether the application is alive, and the endpoint that
 * gives FastAPI's own tokens; every other operation needs a credential. Whatever comes from the document is quoted.
 */
export function writeStarter(api: ApiDocument, options: StarterOptions): string {
  const sorted = sort(api)
  const open = [...sorted.health, ...sorted.login]
  const alone = new Set(open.map(({ path }) => path))
  const uploads = uploadPatterns(sorted.uploads, alone, api, options)
  const groups = groupsOf(
    [...new Set(api.operations.map(({ path }) => path))]
      .filter((path) => !alone.has(path) && !isUnder(api.rootPath + path, '/_gateway'))
      .filter((path) => !uploads.includes(toPattern(api.rootPath + path)))
      .map((path) => api.rootPath + path),
    options.isPattern,
  )
  const routes = [
    ...writeOpen(sorted, api, options),
    ...writeDocs(
      [
        ...[...alone].map((path) => api.rootPath + path),
        ...uploads,
        ...groups.map(({ pattern }) => pattern),
      ],
      options,
    ),
    ...writeUploads(uploads),
    ...writeGroups(groups),
  ]
  const notes = writeNotes(api, open)
  return [head(api, options), 'routes:', ...routes, ...notes].join('\n') + '\n'
}

function head(api: ApiDocument, { upstream }: StarterOptions): string {
  const taken = api.operations.map(({ path }) => api.rootPath + path)
  const candidates = [
    '/api/auth',
    '/auth',
    '/accounts',
    ...taken.map((_, index) => `/auth-${index}`),
  ]
  const authPath = candidates.find((each) => !taken.some((path) => isUnder(path, each)))
  const moved =
    authPath === '/api/auth' || authPath === undefined
      ? ''
      : `\n  path: ${authPath} # where Better Auth answers; the usual /api/auth is FastAPI's here`
  return `# yaml-language-server: $schema=./node_modules/sallyport/config/gateway.schema.json
# Written by \`sallyport init --openapi\` from what ${quote(api.title || 'FastAPI')} says of itself. Read it before you rely on it.
version: 1

server:
  listen: 0.0.0.0:\${PORT:-8080}
  publicUrl: \${PUBLIC_URL:-http://localhost:8080} # the one origin browsers use

admin: { token: '\${ADMIN_TOKEN:-}' } # with it, the console on 127.0.0.1:9090 can end sessions

auth:
  signUp: closed # open | closed | { domains: [example.com] }${moved}

upstreams:
  api: \${FASTAPI_URL:-${upstream}}
`
}

function writeOpen(
  sorted: Sorted,
  api: ApiDocument,
  { isPattern }: StarterOptions,
): readonly string[] {
  const pathsOf = (operations: readonly Operation[]): readonly string[] =>
    [...new Set(operations.map(({ path }) => api.rootPath + path))].filter(isPattern)
  const [alive, login] = [pathsOf(sorted.health), pathsOf(sorted.login)]
  return [
    ...(alive.length === 0
      ? []
      : [
          '  # Whether the application is alive may be asked by anybody.',
          `  - name: health`,
          `    match: { path: ${flow(alive)}, methods: [GET] }`,
          '    upstream: api',
          '    auth: none',
          ...others(alive, ['GET'], 'health-other', api),
        ]),
    ...(login.length === 0
      ? []
      : [
          "  # FastAPI's own login. Its tokens are accepted here where JWT_SECRET is the secret that signs them.",
          '  # Delete this route when everybody signs in through the gateway.',
          '  - name: login',
          `    match: { path: ${flow(login)}, methods: [POST] }`,
          '    upstream: api',
          '    auth: none',
          '    rateLimit: { requests: 10, per: 1m, by: ip } # or passwords can be guessed',
          ...others(login, ['POST'], 'login-other', api),
        ]),
  ]
}

/** The path chooses first: without this, other methods of the same paths would be a 405. */
function others(
  paths: readonly string[],
  served: readonly string[],
  name: string,
  api: ApiDocument,
): readonly string[] {
  const more = api.operations.filter(
    ({ method, path }) => paths.includes(api.rootPath + path) && !served.includes(method),
  )
  const methods = [...new Set(more.map(({ method }) => method))].filter(
    (method) => method !== 'HEAD' || !served.includes('GET'),
  )
  if (methods.length === 0) return []
  const there = [...new Set(more.map(({ path }) => api.rootPath + path))]
  return [
    `  - name: ${name}`,
    `    match: { path: ${flow(there)}, methods: [${methods.join(', ')}] }`,
    '    upstream: api',
  ]
}

/** @param taken paths for which there is a route of their own */
function writeDocs(
  taken: readonly string[],
  { documentPath, isPattern }: StarterOptions,
): readonly string[] {
  const document = documentPath !== null && isPattern(documentPath) ? documentPath : '/openapi.json'
  const paths = [...new Set(['/docs/*', '/redoc', document])].filter(
    (each) => !taken.includes(each),
  )
  if (paths.length === 0) return []
  return [
    '  # FastAPI\'s documentation, for people who are signed in; "Try it out" works there.',
    '  - name: docs',
    `    match: { path: ${flow(paths)}, methods: [GET] }`,
    '    upstream: api',
  ]
}

/** Of paths that differ in the names of their parameters only, one. */
function uploadPatterns(
  operations: readonly Operation[],
  alone: ReadonlySet<string>,
  api: ApiDocument,
  { isPattern }: StarterOptions,
): readonly string[] {
  const patterns = operations
    .filter(({ path }) => !alone.has(path))
    .map(({ path }) => toPattern(api.rootPath + path))
    .filter((each) => !each.endsWith('*') && isPattern(each))
  return [...new Map(patterns.map((each) => [each.replaceAll(/\{[^/]*\}/g, '{}'), each])).values()]
}

function writeUploads(patterns: readonly string[]): readonly string[] {
  if (patterns.length === 0) return []
  return [
    '  # Files are sent here; elsewhere a body has at most 1MB.',
    '  - name: uploads',
    `    match: { path: ${flow(patterns)} }`,
    '    upstream: api',
    '    bodyLimit: 20MB',
  ]
}

/** One route for each prefix that operations share. */
function writeGroups(groups: readonly Group[]): readonly string[] {
  if (groups.length === 0) return []
  const taken = new Set(['health', 'login', 'docs', 'uploads', 'health-other', 'login-other'])
  const words = '  # Everything else needs a session or a token: `auth: required` is the default.'
  const routes = groups.flatMap(({ name, pattern }) => [
    `  - name: ${nameFor(name, taken)}`,
    `    match: { path: ${flow([pattern])} }`,
    '    upstream: api',
  ])
  return [words, ...routes]
}

function nameFor(base: string, taken: Set<string>): string {
  let name = base
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${String(count)}`
  taken.add(name)
  return name
}

/** What is worth knowing and is nobody's to decide but the reader's. */
function writeNotes(api: ApiDocument, open: readonly Operation[]): readonly string[] {
  const unsecured = api.operations.filter((each) => !each.isSecured && !open.includes(each))
  const streams = api.operations.filter(({ gives }) => gives.includes('text/event-stream'))
  const write = ({ method, path }: Operation): string =>
    `#   ${method} ${clean(api.rootPath + path)}`
  return [
    '',
    '# WebSocket endpoints are in no OpenAPI document. A route that has one says so:',
    '#   - { name: live, match: { path: /ws/* }, upstream: api, websocket: true }',
    ...(streams.length === 0
      ? []
      : [
          '# Event streams need nothing: they are never buffered, and have no total time-out.',
          ...streams.map(write),
        ]),
    ...(unsecured.length === 0
      ? []
      : [
          '# These say in OpenAPI that they want no credential. They need one here, until a route of their own has `auth: none`:',
          ...unsecured.map(write),
        ]),
  ]
}

/** JSON is YAML, so that nothing in a path can be read as anything else. */
function flow(paths: readonly string[]): string {
  const quoted = paths.map(quote)
  return quoted.length === 1 ? (quoted[0] ?? '') : `[${quoted.join(', ')}]`
}

function quote(text: string): string {
  return /^[A-Za-z0-9/_.-]+$/.test(text) ? text : JSON.stringify(clean(text))
}

/** A line break would end a comment. */
function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
}
