// Sends a gateway what nobody should send, and looks at what arrives behind it.
//   npm run fuzz -- --minutes 2     for how long; one minute unless said otherwise
//   npm run fuzz -- --seed N        repeats: the n-th batch of a seed is always the same
//   npm run fuzz -- --batches N     ends after so many batches
//   npm run fuzz -- --only KIND     http, paths or credentials
// Exit code 1 and the bytes on a finding: the process died or hung, answered 5xx of its own, logged a bug, told of its inside,
// believed a credential that proves nothing, or let something arrive that may not.
import { get } from 'node:http'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { compare } from '../routing/starlette/compare.ts'
import { startOracle, type Oracle } from '../routing/starlette/oracle.ts'
import { anyTable, ordinary } from '../routing/starlette/tables.ts'
import { targetsFor, type Ask } from '../routing/starlette/targets.ts'
import { send, toCase, type Case } from './attack.ts'
import { fuzzReaders } from './credentials.ts'
import { startGateway, type Gateway } from './ends/gateway.ts'
import { startRecorder, type Recorder } from './ends/upstream.ts'
import { openAccounts, proves, type Account } from './input/accounts.ts'
import { compose } from './input/grammar.ts'
import { mutate } from './input/mutate.ts'
import { Random } from './input/random.ts'
import { endpointsBy, judgeAnswer, judgeArrivals, type EndpointOf } from './judge.ts'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    batches: { type: 'string', default: 'Infinity' },
    only: { type: 'string' },
  },
})
const seed = Number(options.seed)
const casesAtOnce = 64
const mostMemory = 768 * 1024 * 1024

interface Stage {
  readonly oracle: Oracle
  readonly recorder: Recorder
  readonly gateway: Gateway
  readonly accounts: readonly Account[]
  readonly endpointOf: EndpointOf
}

const counts = { requests: 0, arrivals: 0, targets: 0, credentials: 0 }

function casesOf(random: Random, accounts: readonly Account[], isAnonymous: boolean): Case[] {
  const near = fc.sample(targetsFor(ordinary), { numRuns: 200, seed: random.below(2 ** 31) })
  const asks = [...near, ...Array.from({ length: 100 }, () => random.pick(plain)), ...unusual]
  const whole = Array.from({ length: casesAtOnce }, () =>
    compose(random, { asks, accounts }, isAnonymous),
  )
  return whole.map((bytes) => {
    const isChanged = random.chance(0.6)
    return toCase(random, isChanged ? mutate(random, bytes, whole) : bytes)
  })
}

/** What is asked for all day long. */
const plain = [
  ...[
    '/',
    '/api/x',
    '/api/health',
    '/api/public/x',
    '/api/users/7',
    '/api/users/new',
    '/api/admin',
  ],
  ...['/files/a;b', '/files/private/x', '/wiki/Home', '/api/v1/docs', '/api/auth/get-session'],
].flatMap((path): Ask[] => [
  ['GET', path],
  ['POST', path],
])
const unusual: readonly Ask[] = [
  ['CONNECT', 'app.test:443'],
  ['OPTIONS', '*'],
  ['GET', 'http://app.test/api/x'],
  ['GET', 'http://evil.test/api/x'],
]

/** Sends cases side by side and says what was wrong with what came of them. */
async function attempt(stage: Stage, cases: readonly Case[]): Promise<readonly string[]> {
  const { gateway, recorder, accounts, endpointOf } = stage
  const outcomes = await Promise.all(cases.map((each) => send(gateway.url, each)))
  await recorder.settle()
  const all = cases.map(({ bytes }) => bytes).join('\n')
  const known = accounts.filter((account) => proves(account, all))
  const arrivals = recorder.take()
  counts.requests += cases.length
  counts.arrivals += arrivals.length
  const death = gateway.death()
  return [
    ...(death === null ? [] : [death]),
    ...outcomes.flatMap(({ text }) => judgeAnswer(text)),
    ...outcomes.filter(({ hung }) => hung).map(() => 'a connection was kept after a goodbye'),
    ...recorder.takeErrors().map((error) => `the gateway sent what is no HTTP: ${error}`),
    ...gateway.takeBugs().map((line) => `a bug was logged: ${line}`),
    ...(await judgeArrivals(arrivals, known, endpointOf)),
  ]
}

/** Sends the cases of a bad batch one by one, to name the one that does it. */
async function report(
  stage: Stage,
  cases: readonly Case[],
  found: readonly string[],
): Promise<void> {
  for (const sentence of found.slice(0, 10)) console.error(sentence)
  for (const each of cases) {
    if (stage.gateway.death() !== null) break
    const alone = await attempt(stage, [each])
    if (alone.length === 0) continue
    console.error(`one connection is enough: ${JSON.stringify(each)}\n${alone.join('\n')}`)
    return
  }
  console.error(`the whole batch: ${JSON.stringify(cases)}`)
}

async function fuzzHttp(stage: Stage, random: Random): Promise<boolean> {
  for (const isAnonymous of [true, false]) {
    const cases = casesOf(random, stage.accounts, isAnonymous)
    const found = await attempt(stage, cases)
    if (found.length > 0) {
      await report(stage, cases, found)
      return false
    }
  }
  return isWell(stage.gateway)
}

/** A normal request is answered soon, and memory is bounded. */
async function isWell(gateway: Gateway): Promise<boolean> {
  const memory = gateway.memory()
  if (memory > mostMemory) console.error(`the gateway holds ${memory} bytes`)
  const status = await new Promise<number>((resolve) => {
    const asked = get(`${gateway.url}/api/health`, { headers: { host: 'app.test' } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    asked.setTimeout(2000, () => asked.destroy())
    asked.on('error', () => {
      resolve(0)
    })
  })
  if (status !== 200) console.error(`a normal request was answered with ${status}`)
  return status === 200 && memory <= mostMemory
}

async function fuzzPaths(oracle: Oracle, random: Random): Promise<boolean> {
  const [table = ordinary] = random.chance(0.3)
    ? [ordinary]
    : fc.sample(anyTable, { numRuns: 1, seed: random.below(2 ** 31) })
  const asked = fc.sample(targetsFor(table), { numRuns: 500, seed: random.below(2 ** 31) })
  const { disagreements } = await compare(oracle, table, asked)
  counts.targets += asked.length
  if (disagreements.length === 0) return true
  console.error(JSON.stringify(table))
  for (const sentence of disagreements.slice(0, 10)) console.error(sentence)
  return false
}

async function fuzzCredentials(random: Random): Promise<boolean> {
  const wrong = await fuzzReaders(random, 1000)
  counts.credentials += 1000
  for (const sentence of wrong.slice(0, 10)) console.error(sentence)
  return wrong.length === 0
}

async function fuzz(stage: Stage): Promise<boolean> {
  const until = performance.now() + Number(options.minutes) * 60_000
  for (let batch = 0; batch < Number(options.batches); batch += 1) {
    if (performance.now() > until) break
    const random = new Random(seed + batch)
    const isGood =
      (wants('http') ? await fuzzHttp(stage, random) : true) &&
      (wants('paths') ? await fuzzPaths(stage.oracle, random) : true) &&
      (wants('credentials') ? await fuzzCredentials(random) : true)
    if (isGood) continue
    console.error(`repeat with --seed ${seed + batch} --batches 1`)
    return false
  }
  return true
}

function wants(kind: string): boolean {
  return options.only === undefined || options.only === kind
}

const oracle = await startOracle()
if (oracle === null) throw new Error('no Python with Starlette and uvicorn: set PYTHON')
const recorder = await startRecorder()
const gateway = await startGateway(recorder.url, ordinary)
console.log(`seed ${seed}`)
try {
  const accounts = await openAccounts(gateway.url)
  recorder.take()
  const endpointOf = endpointsBy(oracle, ordinary)
  const isGood = await fuzz({ oracle, recorder, gateway, accounts, endpointOf })
  const megabytes = Math.round(gateway.memory() / 1024 / 1024)
  console.log(
    `${counts.requests} connections, ${counts.arrivals} arrivals, ${counts.targets} targets, ${counts.credentials} credentials; the gateway holds ${megabytes} MB`,
  )
  process.exitCode = isGood ? 0 : 1
} finally {
  gateway.stop()
  recorder.close()
  oracle.stop()
}
