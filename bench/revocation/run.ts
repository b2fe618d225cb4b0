// How long a sign-out on one gateway takes to count on another one.
//
//   npm run bench:revocation                    prints the distributions
//   npm run bench:revocation -- --assert        exits 1 where the promise of DESIGN §6 is broken
//   npm run bench:revocation -- --count 200     so many revocations; 1,000 unless told otherwise
//   npm run bench:revocation -- --only alone    the rows whose name has this in it
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../test/helper/servers/postgres.ts'
import { startRedis } from '../../test/helper/servers/redis.ts'
import { startInstallation, type Stores } from './installation.ts'
import { measure, type Round, type RoundOptions } from './round.ts'

const { values: options } = parseArgs({
  options: {
    assert: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
  },
})
const revocations = Number(options.count)

/** What the servers of the tests ask of a test. */
type Holder = Parameters<typeof startPostgres>[0]
const endings: (() => unknown)[] = []
const holder = {
  teardown: (end: () => unknown) => endings.push(end),
  pass: (message: string) => {
    throw new Error(message)
  },
  fail: (message: string) => {
    throw new Error(message)
  },
} as unknown as Holder

async function main(): Promise<boolean> {
  const postgres = await startPostgres(holder)
  const redis = await startRedis(holder)
  if (postgres === null || redis === null) return false
  const usual = { revocations, requestsPerSecond: 200 }
  const both: Stores = { database: postgres.url, redis: redis.url }
  const restart = async (): Promise<void> => {
    await redis.kill()
    void pause(3000).then(redis.start)
  }
  const killed = { ...usual, promisedMs: 5000, at: { [Math.floor(revocations / 3)]: restart } }
  const rows: readonly (readonly [string, Stores, RoundOptions])[] = [
    ['PostgreSQL and Redis', both, { ...usual, promisedMs: 1000 }],
    ['PostgreSQL alone', { ...both, redis: null }, { ...usual, promisedMs: 1000 }],
    ['Redis killed for 3 s', both, killed],
  ]
  let isKept = true
  for (const [name, stores, round] of rows) {
    if (name.includes(options.only)) isKept = (await row(name, stores, round)) && isKept
  }
  return isKept
}

async function row(name: string, stores: Stores, options: RoundOptions): Promise<boolean> {
  const installation = await startInstallation(stores)
  try {
    const round = await measure(installation, options)
    const isKept = judge(round, options)
    print(name, round, isKept ? '' : 'falls short')
    return isKept
  } finally {
    await installation.close()
  }
}

/** p99 in time, and not one request accepted after it. With an outage in the middle, all in time. */
function judge({ lags, accepted, failed }: Round, { promisedMs, at }: RoundOptions): boolean {
  const slowest = at === undefined ? quantile(lags, 0.99) : quantile(lags, 1)
  return slowest < promisedMs && accepted === 0 && failed === 0
}

function print(name: string, round: Round, verdict: string): void {
  const of = (share: number): string => quantile(round.lags, share).toFixed(share === 0.5 ? 1 : 0)
  const cells = [
    name,
    of(0.5),
    of(0.9),
    of(0.99),
    of(1),
    round.requests,
    round.accepted,
    round.failed,
  ]
  console.log(`| ${[...cells, verdict].join(' | ')} |`)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Infinity
}

console.log('| lag, ms | p50 | p90 | p99 | most | requests | accepted too late | failed |  |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
const isKept = await main().finally(async () => {
  for (const end of endings.reverse()) await end()
})
process.exitCode = options.assert && !isKept ? 1 : 0
