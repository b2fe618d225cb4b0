import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { burst, checkSuccesses, expire, openTwoTabs } from './two-tabs.ts'

const chromium = await launchChromium(t, ['--host-resolver-rules=MAP plain.test 127.0.0.1'])

if (chromium !== null) {
  // Time limits may be the browser's own, which no test can move: so this one waits, once for all.
  const slowMs = 11_000
  t.jobs = 2

  for (const host of ['127.0.0.1', 'plain.test']) {
    t.test(`a refresh that takes 11 seconds is still the only one: ${host}`, async (t) => {
      const site = await startSite(t, host)
      const person = await openTwoTabs(t, chromium, site)
      const hold = site.door.hold('/_gateway/token', host === 'plain.test' ? 'request' : 'answer')
      expire(site)
      const outcomes = burst(...person.tabs)
      await hold.arrived
      await sleep(slowMs)
      t.equal(person.refreshes(), 1, 'nobody asked again')
      hold.release()
      checkSuccesses(t, await outcomes, person)
      t.equal(person.refreshes(), 1)
    })
  }
}
