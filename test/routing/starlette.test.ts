import fc from 'fast-check'
import t, { type Test } from 'tap'
import { compare, type Comparison } from './starlette/compare.ts'
import { startOracle, type Oracle } from './starlette/oracle.ts'
import { anyTable, ordinary, type Table } from './starlette/tables.ts'
import { targetsFor } from './starlette/targets.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

async function oracleFor(t: Test): Promise<Oracle | null> {
  const oracle = await startOracle()
  if (oracle !== null) {
    t.teardown(oracle.stop)
    t.comment(`SEED=${seed}`)
    return oracle
  }
  const message = 'no Python with Starlette and uvicorn: set PYTHON'
  if (process.env['CI'] === 'true') t.fail(message)
  else t.pass(message, { skip: message })
  return null
}

function compareSome(oracle: Oracle, table: Table, count: number): Promise<Comparison> {
  return compare(oracle, table, fc.sample(targetsFor(table), { numRuns: count, seed }))
}

t.test('what is admitted to a route reaches the endpoint of that route in Starlette', async (t) => {
  const oracle = await oracleFor(t)
  if (oracle === null) return
  const { disagreements, outcomes } = await compareSome(oracle, ordinary, 8000)
  t.same(disagreements.slice(0, 10), [])
  for (const { name } of ordinary) t.ok((outcomes.get(name) ?? 0) > 0, `${name} was reached`)
  for (const code of ['path_not_canonical', 'method_not_allowed']) {
    t.ok((outcomes.get(code) ?? 0) > 100, `${code} was given`)
  }
})

t.test('so it is for whatever routes overlap in whatever way', async (t) => {
  const oracle = await oracleFor(t)
  if (oracle === null) return
  let unmatched = 0
  for (const table of fc.sample(anyTable, { numRuns: 80, seed })) {
    const { disagreements, outcomes } = await compareSome(oracle, table, 100)
    t.same(disagreements.slice(0, 10), [], JSON.stringify(table.map(({ path }) => path)))
    unmatched += outcomes.get('route_not_found') ?? 0
  }
  t.ok(unmatched > 100, 'some paths belonged to no route')
})
