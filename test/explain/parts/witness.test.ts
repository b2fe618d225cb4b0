import t from 'tap'
import type { Session } from '../../../src/authn/principal.ts'
import { watch } from '../../../src/explain/witness.ts'
import { readHead } from '../../../src/head.ts'
import type { RoadDeps } from '../../../src/pipeline.ts'

// As a running gateway has it: everything in it that writes is real, and must not be called.
function realRoad(): { readonly road: RoadDeps; readonly written: string[] } {
  const written: string[] = []
  const write = (what: string) => (): never => {
    written.push(what)
    throw new Error(what)
  }
  const absent = { answer: 'absent' } as const
  const road = {
    authn: {
      readBearer: () => absent,
      readCookie: () => absent,
      readTicket: write('a ticket was redeemed'),
    },
    limitRate: write('a request was counted'),
    slide: write('a session was extended'),
    now: () => 1000,
  }
  return { road: road as unknown as RoadDeps, written }
}

t.test('a road that is only looked at counts, extends and redeems nothing', async (t) => {
  const real = realRoad()
  const { road, seen } = watch(real.road)
  const ticket = `/x?ticket=${'t'.repeat(43)}`
  const head = readHead('GET', ticket, ['Host', 'app.test', 'Accept', 'text/event-stream'], {}, 'a')
  t.match(await road.authn.readTicket?.(head, 1000), {
    answer: 'rejected',
    refusal: { code: 'token_invalid' },
  })
  t.equal(seen.credential?.kind, 'ticket')
  const limit = { bucket: 'b', requests: 1, perMs: 1000, by: 'ip' } as const
  t.strictSame(await road.limitRate(limit, null, head), { refusal: null, headers: [] })
  t.match(seen.rateKey, /a/)
  const session = { id: 'session' } as Session
  t.strictSame(await road.slide(session, head), { session, setCookies: [] })
  t.equal(seen.slides, true)
  t.strictSame(real.written, [])
})
