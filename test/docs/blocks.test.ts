import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import { catalogue, type Code } from '../../src/errors/catalogue.ts'
import { isRefusal } from '../../src/errors/refusal.ts'
import { readTarget } from '../../src/routing/canonical.ts'
import { compileRoutes } from '../../src/routing/compile.ts'
import { matchRoute } from '../../src/routing/match.ts'
import { authSecret, jwtSecret } from '../helper/token.ts'
import { blocksIn, readPages } from './pages.ts'

const sections: Readonly<Record<string, string>> = {
  upstreams: 'upstreams: { api: "http://127.0.0.1:8000" }\n',
  routes: 'routes: [{ match: { path: /api/* }, upstream: api }]\n',
}

/** Loads a block as a configuration; what of the two required sections it does not show is added. */
function load(t: Test, text: string): GatewayConfig {
  const shown = Object.keys(parse(text) as object)
  const missing = Object.keys(sections).filter((name) => !shown.includes(name))
  const file = join(t.testdir(), 'gateway.config.yaml')
  writeFileSync(file, text + missing.map((name) => sections[name]).join(''))
  const env = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
  return loadConfig({ file, env }).config
}

t.test('every YAML block is a configuration, or sections of one', async (t) => {
  const blocks = blocksIn('yaml')
  t.ok(blocks.length >= 2)
  for (const { page, line, text } of blocks) {
    t.doesNotThrow(() => load(t, text), `${page}:${String(line)}`)
  }
})

t.test('every JSON block is JSON, and a problem is one that the catalogue knows', async (t) => {
  const blocks = blocksIn('json')
  t.ok(blocks.length >= 1)
  for (const { page, line, text } of blocks) {
    const value = JSON.parse(text) as Record<string, unknown>
    // A line of the access log has a code too, and what it has it of is no problem.
    if (typeof value['code'] !== 'string') continue
    const { status, title, action } = catalogue[value['code'] as Code]
    t.match(value, { status, title, action }, `${page}:${String(line)}`)
  }
})

t.test('the routes of the README do what its table says', async (t) => {
  const [block] = blocksIn('yaml').filter(({ page }) => page === 'README.md')
  const table = compileRoutes(load(t, block?.text ?? ''))
  const decide = (method: string, path: string): string => {
    const target = readTarget(path)
    const found = isRefusal(target) ? target : matchRoute(table, target, 'localhost', method)
    if (isRefusal(found)) return found.code
    return found.kind === 'forward' ? `${found.route.name} ${found.route.auth.mode}` : found.kind
  }
  t.equal(decide('GET', '/health'), 'health none')
  t.equal(decide('GET', '/api/feed'), 'feed optional')
  t.equal(decide('POST', '/api/feed'), 'method_not_allowed')
  t.equal(decide('GET', '/api/todos'), 'api required')
  t.equal(decide('GET', '/api//todos'), 'path_not_canonical')
  t.equal(decide('GET', '/api/%2e%2e/x'), 'path_not_canonical')
  t.equal(decide('GET', '/other'), 'route_not_found')
})

t.test('the codes of the README have the action under which it lists them', async (t) => {
  const readme = readPages().find(({ file }) => file === 'README.md')?.text ?? ''
  const rows = [...readme.matchAll(/^\| `(login|refresh|retry|none)` \|[^|]*\|([^|]*)\|/gm)]
  t.equal(rows.length, 4)
  for (const [, action, codes = ''] of rows) {
    for (const [, code = ''] of codes.matchAll(/`(\w+)`/g)) {
      t.equal(catalogue[code as Code].action, action, code)
    }
  }
  const logins = (Object.keys(catalogue) as Code[]).filter(
    (code) => catalogue[code].action === 'login',
  )
  t.strictSame(
    [...(rows[0]?.[2] ?? '').matchAll(/`(\w+)`/g)].map(([, code]) => code),
    logins,
  )
})
