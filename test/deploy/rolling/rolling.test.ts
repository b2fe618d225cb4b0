import t from 'tap'
import {
  bearer,
  expect,
  reader,
  stranger,
  uploader,
  visitor,
  writer,
  type Written,
} from './callers.ts'
import { Browser, signUp } from './client.ts'
import { startInstallation } from './installation.ts'
import { Ledger } from './ledger.ts'
import { listener, talker, type Heard } from './streams.ts'

/** More of them by hand: `ROUNDS=50 npm test -- test/deploy/rolling/rolling.test.ts`. */
const rounds = Number(process.env['ROUNDS'] ?? 3)

t.test(
  'two gateways with Redis and PostgreSQL behind HAProxy, restarted in turn under load: nothing is lost',
  { timeout: 60_000 + rounds * 30_000 },
  async (t) => {
    const place = await startInstallation(t)
    if (place === null) return
    await place.allUp()
    const ledger = new Ledger()
    const browser = new Browser(place)
    t.teardown(() => browser.close())
    const person = await signUp(browser)
    const written: Written = { browser, person, titles: new Set() }
    const heard: Heard[] = [1, 2].map(() => ({ titles: [], connected: 0 }))
    const load = [
      ...[1, 2, 3].map(() => reader(place, ledger)),
      uploader(place, ledger),
      writer(written, ledger),
      bearer(place, ledger),
      stranger(place, ledger),
      visitor(place, ledger),
      ...heard.map((each) => listener(place, ledger, person, each)),
      ...[1, 2].map(() => talker(place, ledger, person)),
    ]
    const stops: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      for (const gateway of place.gateways) {
        const { code, tookMs } = await gateway.stop()
        t.equal(code, 0)
        stops.push(tookMs)
        await gateway.start()
        await place.allUp()
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    ledger.stop()
    const stopped = performance.now()
    await Promise.all(load)
    t.comment(`the load was over after ${(performance.now() - stopped).toFixed(0)} ms`)
    t.comment(`${2 * rounds} restarts: ${ledger.toString()}`)
    t.comment(`a gateway was gone after ${Math.max(...stops).toFixed(0)} ms at most`)
    t.strictSame(ledger.failures, [])
    t.ok((ledger.done.get('GET') ?? 0) > rounds * 100, 'there was load')

    const me = expect(await browser.send('/api/me', { headers: { cookie: person.cookie } }), 200)
    t.equal(me['id'], person.id, 'a session of the first minute still counts')
    const list = await browser.send('/api/todos', { headers: { cookie: person.cookie } })
    const titles = (JSON.parse(list.text) as { title: string }[]).map(({ title }) => title)
    t.strictSame(titles, [...written.titles], 'what was written is there, once and in order')
    for (const { titles: seen, connected } of heard) {
      t.ok(connected > rounds, `a stream was connected ${connected} times`)
      const first = titles.indexOf(seen[0] ?? '')
      t.strictSame(
        seen,
        titles.slice(first, first + seen.length),
        'and heard of each, once and in order',
      )
      t.ok(seen.length > titles.length / 2)
    }
    t.ok((ledger.done.get('WebSocket told 1001') ?? 0) > rounds)
  },
)
