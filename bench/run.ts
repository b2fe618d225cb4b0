import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { createCaller, host, signIn, type Caller } from './callers.ts'
import { calmP99, load, median, type Run } from './measure.ts'
import { pin, start, stop } from './processes.ts'

const { values: options } = parseArgs({
  options: {
    assert: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '21' },
  },
})
const rounds = Number(options.rounds)
/** Of the calm requests: pairs of so many seconds idle and so many during sign-ins. */
const calm = { rounds: 5, seconds: 2 }

interface GatewaySaid {
  readonly url: string
  readonly jwtSecret: string
}

/** The gateway alone on one processor, upstream and load on another; the kinds take turns, so that drift hits all alike. */
async function throughput(): Promise<Map<string, Run[]>> {
  const upstream = await start<{ url: string }>('./upstream.ts', {}, 1)
  const gateway = await start<GatewaySaid>('./gateway.ts', { UPSTREAM: upstream.said.url }, 0)
  pin(process.pid, 1)
  const { url, jwtSecret } = gateway.said
  const caller = await createCaller(url, jwtSecret, 'throughput@example.com')
  const kinds = kindsOf(url, upstream.said.url, caller)
  const runs = new Map(kinds.map(({ name }) => [name, [] as Run[]]))
  for (const { target, headers } of kinds) await load(target, headers)
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, target, headers } of kinds) {
      runs.get(name)?.push(await load(target, headers))
    }
  }
  stop(gateway, upstream)
  return runs
}

function kindsOf(
  gateway: string,
  upstream: string,
  { cookie, bearer }: Caller,
): readonly { name: string; target: string; headers: Record<string, string> }[] {
  return [
    { name: 'direct', target: `${upstream}/api/items`, headers: {} },
    { name: 'none', target: `${gateway}/open/items`, headers: { host } },
    { name: 'cookie', target: `${gateway}/api/items`, headers: { host, cookie } },
    { name: 'bearer', target: `${gateway}/api/items`, headers: { host, authorization: bearer } },
  ]
}

/** The 99th percentile of cached authenticated requests, idle and while eight people sign in, as pairs. */
async function duringSignIns(): Promise<readonly { idle: number; busy: number }[]> {
  const upstream = await start<{ url: string }>('./upstream.ts')
  const gateway = await start<GatewaySaid>('./gateway.ts', { UPSTREAM: upstream.said.url })
  const { url, jwtSecret } = gateway.said
  const { email, cookie } = await createCaller(url, jwtSecret, 'calm@example.com')
  const headers = { host, cookie }
  const target = `${url}/api/items`
  await calmP99(target, headers, calm.seconds)
  const pairs: { idle: number; busy: number }[] = []
  let person = 0
  for (let round = 0; round < calm.rounds; round += 1) {
    const idle = await calmP99(target, headers, calm.seconds)
    let isOver = false
    const people = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        person += 1
        await signIn(url, email, `198.51.${Math.floor(person / 250)}.${(person % 250) + 1}`)
      }
    })
    const busy = await calmP99(target, headers, calm.seconds)
    isOver = true
    await Promise.all(people)
    pairs.push({ idle, busy })
  }
  stop(gateway, upstream)
  return pairs
}

interface Figure {
  readonly name: string
  readonly value: number
  readonly atLeast?: number
  readonly below?: number
}

function figuresOf(
  runs: Map<string, Run[]>,
  pairs: readonly { idle: number; busy: number }[],
): readonly Figure[] {
  const ratio = (name: string, to: string): number =>
    median(
      (runs.get(name) ?? []).map(
        (run, index) => run.requestsPerSecond / (runs.get(to)?.[index]?.requestsPerSecond ?? NaN),
      ),
    )
  return [
    { name: 'none / direct, requests/s', value: ratio('none', 'direct') },
    { name: 'cookie / none, requests/s', value: ratio('cookie', 'none'), atLeast: 0.9 },
    { name: 'bearer / none, requests/s', value: ratio('bearer', 'none'), atLeast: 0.9 },
    {
      name: 'p99 during eight sign-ins / idle',
      value: median(pairs.map(({ idle, busy }) => busy / idle)),
      below: 3,
    },
  ]
}

function print(runs: Map<string, Run[]>, figures: readonly Figure[]): void {
  console.log(
    `\n${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} processors, medians of ${rounds} rounds of a second`,
  )
  for (const [name, of] of runs) {
    const rps = median(of.map((run) => run.requestsPerSecond)).toFixed(0)
    const p99 = median(of.map((run) => run.p99Ms)).toFixed(0)
    console.log(`${name.padEnd(10)} ${rps.padStart(8)} requests/s   p99 ${p99.padStart(4)} ms`)
  }
  for (const { name, value, atLeast, below } of figures) {
    const target =
      atLeast === undefined ? (below === undefined ? '' : `below ${below}`) : `at least ${atLeast}`
    console.log(`${name.padEnd(36)} ${value.toFixed(2).padStart(6)}   ${target}`)
  }
}

const pairs = await duringSignIns()
const runs = await throughput()
const figures = figuresOf(runs, pairs)
print(runs, figures)
// A figure that is not a number falls short too.
const short = figures.filter(
  ({ value, atLeast = -Infinity, below = Infinity }) => !(value >= atLeast && value < below),
)
for (const { name } of short) console.error(`falls short: ${name}`)
process.exit(options.assert && short.length > 0 ? 1 : 0)
