import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')

/**
 * The direction of imports: a file may import from its own layer and from those above it in this list, never from below.
 * The first layer with a matching entry is a file's; an entry that ends in `/` is a folder.
 */
const layers = [
  [
    'clock.ts',
    'head.ts',
    'memo.ts',
    'turn.ts',
    'config/types.ts',
    'config/types/',
    'config/problem.ts',
  ],
  ['errors/', 'pages/'],
  [
    'authn/',
    'authz/',
    'assertion/',
    'routing/',
    'crypto/',
    'proxy/headers.ts',
    'proxy/headers/',
    'session/port.ts',
    'session/revocation/event.ts',
  ],
  ['pipeline.ts', 'pipeline/'],
  [
    'front/clients.ts',
    'front/ipv6.ts',
    'ops/trace/port.ts',
    'ops/access/',
    'upstream/',
    'live/',
    'limits/',
    'proxy/websocket/port.ts',
    'snapshot.ts',
  ],
  [
    'config/',
    'session/',
    'users/',
    'issuers/',
    'better-auth/',
    'proxy/',
    'static/',
    'endpoints/',
    'explain/',
    'ops/',
  ],
  ['front/', 'lifecycle/', 'doctor/', 'compare/', 'openapi/'],
  ['assemble.ts', 'assemble/', 'gateway.ts'],
  ['attack/'],
  ['main.ts', 'cli.ts', 'cli/', 'index.ts', 'sallyport.js', 'node-version.js'],
] as const

/** What decides and what words an answer: no sockets, no files, no framework. */
const pure = [
  'head.ts',
  'memo.ts',
  'pipeline.ts',
  'pipeline/',
  'config/types.ts',
  'config/types/',
  'config/problem.ts',
  'errors/',
  'pages/',
  'authn/',
  'authz/',
  'assertion/',
  'routing/',
  'proxy/headers.ts',
  'proxy/headers/',
  'session/port.ts',
  'compare/',
  'openapi/',
]
const impure = 'errors/handler.ts'
/** Packages that only compute, and that such files may use. */
const harmless = ['lru-cache']

interface Import {
  readonly from: string
  /** Relative to `src`, or the name of a package. */
  readonly to: string
  readonly isLocal: boolean
  readonly isTypeOnly: boolean
}

function belongsTo(file: string, entries: readonly string[]): boolean {
  return entries.some((entry) => (entry.endsWith('/') ? file.startsWith(entry) : file === entry))
}

function codeIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|js)$/.test(file))
    .filter((file) => !/(?:^|\/)(?:node_modules|\.venv|\.state|dist)\//.test(file))
    .sort()
}

const sources = codeIn(src).filter((file) => !file.startsWith('client/'))
const statement = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const dynamic = /\bimport\(\s*'([^']+)'/g

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = [
    ...[...text.matchAll(statement)].map(([, type, to = '']) => ({ to, type: type !== undefined })),
    ...[...text.matchAll(dynamic)].map(([, to = '']) => ({ to, type: false })),
  ]
  return found.map(({ to, type }) => {
    const isLocal = to.startsWith('.')
    const path = isLocal ? relative(src, join(src, dirname(file), to)) : to
    return { from: file, to: path, isLocal, isTypeOnly: type }
  })
}

const imports = sources.flatMap(importsOf)

t.test('the test sees the imports that there are', async (t) => {
  const seen = (from: string, to: string): boolean =>
    imports.some((each) => each.from === from && each.to === to)
  t.ok(seen('gateway.ts', 'assemble.ts'))
  t.ok(seen('upstream/http1/connection/socket.ts', 'node:net'))
  t.ok(seen('errors/handler.ts', 'node:http'))
  t.ok(seen('sallyport.js', 'node-version.js'))
})

t.test('every source has its place in the order of imports', async (t) => {
  const known = layers.flat()
  t.strictSame(
    sources.filter((file) => !belongsTo(file, known)),
    [],
  )
})

t.test('imports point one way', async (t) => {
  const layerOf = (file: string): number => layers.findIndex((entries) => belongsTo(file, entries))
  const wrong = imports.filter((each) => each.isLocal && layerOf(each.to) > layerOf(each.from))
  t.strictSame(wrong.map(toText), [])
})

t.test('what decides and what words an answer does no input or output', async (t) => {
  const wrong = imports.filter(
    (each) =>
      !each.isLocal &&
      !harmless.includes(each.to) &&
      each.from !== impure &&
      belongsTo(each.from, pure),
  )
  t.strictSame(wrong.map(toText), [])
})

t.test('only the entrances read the configuration; the rest is handed it', async (t) => {
  const readers = ['config/', 'main.ts', 'cli.ts', 'cli/', 'index.ts']
  const shared = ['config/types.ts', 'config/types/', 'config/problem.ts']
  const wrong = imports.filter(
    ({ from, to }) =>
      to.startsWith('config/') && !belongsTo(to, shared) && !belongsTo(from, readers),
  )
  t.strictSame(wrong.map(toText), [])
})

t.test('no file needs itself at run time, by whatever detour', async (t) => {
  const next = Map.groupBy(
    imports.filter(({ isLocal, isTypeOnly }) => isLocal && !isTypeOnly),
    ({ from }) => from,
  )
  const reaches = (file: string, goal: string, seen: Set<string>): boolean =>
    (next.get(file) ?? []).some(({ to }) => {
      if (to === goal) return true
      if (seen.has(to)) return false
      seen.add(to)
      return reaches(to, goal, seen)
    })
  t.strictSame(
    sources.filter((file) => reaches(file, file, new Set())),
    [],
  )
})

t.test('the browser kit brings nothing along at run time', async (t) => {
  const kit = codeIn(join(src, 'client')).map((file) => `client/${file}`)
  t.ok(kit.length > 0)
  const outside = kit
    .flatMap(importsOf)
    .filter(({ to, isTypeOnly }) => !isTypeOnly && !to.startsWith('client/'))
  t.strictSame(outside.map(toText), [])
})

t.test('no file and no folder has grown too large to be read at once', async (t) => {
  const maxLines = 250
  const long: string[] = []
  const perFolder = new Map<string, number>()
  for (const top of ['src', 'test', 'bench', 'docs', 'deploy']) {
    for (const file of codeIn(join(root, top)).map((name) => join(top, name))) {
      const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1
      if (lines > maxLines) long.push(`${file} has ${String(lines)} lines`)
      perFolder.set(dirname(file), (perFolder.get(dirname(file)) ?? 0) + 1)
    }
  }
  t.strictSame(long, [])
  const most = (folder: string): number => (folder === 'src' ? 12 : 8)
  const full = [...perFolder].filter(([folder, files]) => files > most(folder))
  t.strictSame(
    full.map(([folder, files]) => `${folder} holds ${String(files)} files`),
    [],
  )
})

function toText({ from, to }: Import): string {
  return `${from} imports ${to}`
}
