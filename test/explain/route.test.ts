import fc from 'fast-check'
import t from 'tap'
import { leavesAt } from '../../src/explain/leaves.ts'
import { explainRoute } from '../../src/explain/route.ts'
import { compileRoutes } from '../../src/routing/compile.ts'
import { findLeaf } from '../../src/routing/match.ts'
import { parse } from '../config/gateway-file.ts'
import { tables } from './generated/tables.ts'

const base = `
server: { publicUrl: http://app.test }
bearer: { rolesClaim: roles, scopesClaim: scope }
upstreams: { api: 'http://127.0.0.1:8000' }
routes:`

const segment = fc.constantFrom('api', 'users', 'me', 'list', 'a', 'open', 'app', '_gateway', 'x')
const paths = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
const hosts = fc.constantFrom('app.test', 'admin.test', 'ADMIN.test', '')

t.test('the first that fits is the one that is chosen', async () => {
  fc.assert(
    fc.property(tables, paths, hosts, (routes, path, host) => {
      const { config } = parse(base + routes)
      if (config === null) throw new Error('the table is no configuration')
      const table = compileRoutes(config)
      return (leavesAt(table, host, path)[0] ?? null) === findLeaf(table, host, path)
    }),
    { numRuns: 200 },
  )
})

t.test('whatever fits is said once, with a reason, or is chosen', async () => {
  fc.assert(
    fc.property(tables, paths, hosts, (routes, path, host) => {
      const { config } = parse(base + routes)
      if (config === null) throw new Error('the table is no configuration')
      const table = compileRoutes(config)
      const { chosen, refusal, runnersUp } = explainRoute(table, config, 'GET', host, path)
      const all = [...(chosen === null ? [] : [chosen]), ...runnersUp]
      const names = all.map(({ kind, name, pattern }) => `${kind} ${name} ${pattern}`)
      return (chosen === null) !== (refusal === null) && new Set(names).size === names.length
    }),
    { numRuns: 200 },
  )
})
