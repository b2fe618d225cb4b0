import { most, type Findings } from '../figures.ts'
import type { Target } from '../load/load.ts'
import { calm } from '../load/paced.ts'
import { host, signIn } from '../peers/callers.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { startUpstream } from '../peers/upstream.ts'
import { round } from '../report.ts'
import type { Lab } from '../system/lab.ts'
import { pinSelf } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'

const people = 8
const seconds = 2

/** What cached authenticated requests notice of eight people who sign in over and over: each time a password is hashed. */
export async function hashes(lab: Lab, programs: Programs): Promise<Findings> {
  // Hashing fills every processor there is: so it is where people run this.
  pinSelf('any')
  const upstream = await startUpstream(lab, programs)
  const { url, caller } = await startSallyport(lab, { upstream, cpu: 'any' })
  const target: Target = { url: `${url}/api/items`, headers: { host, cookie: caller.cookie } }
  await calm(target, seconds)
  const pairs: { idle: number; busy: number }[] = []
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    const idle = (await calm(target, seconds)).p99Ms
    const stop = keepSigningIn(url, caller.email, turn)
    const busy = (await calm(target, seconds)).p99Ms
    await stop()
    pairs.push({ idle, busy })
  }
  return {
    figures: [
      {
        what: 'p99 during eight sign-ins / idle',
        values: pairs.map(({ idle, busy }) => busy / idle),
        target: most(3, 1.5),
      },
    ],
    observations: {
      head: ['turn', 'p99 ms idle', 'p99 ms during sign-ins'],
      rows: pairs.map(({ idle, busy }, turn) => [String(turn + 1), round(idle), round(busy)]),
    },
  }
}

/** Begins at once; the function it returns lets those that are under way end. */
function keepSigningIn(url: string, email: string, turn: number): () => Promise<void> {
  let isOver = false
  let person = 0
  const each = Array.from({ length: people }, async () => {
    while (!isOver) {
      person += 1
      // An address each: attempts are counted by it.
      const ip = `10.${turn}.${Math.floor(person / 250)}.${(person % 250) + 1}`
      await signIn(url, email, ip)
    }
  })
  return async () => {
    isOver = true
    await Promise.all(each)
  }
}
