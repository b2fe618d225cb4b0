import { randomUUID } from 'node:crypto'
import { createAsserter } from '../../../src/assertion/assert.ts'
import { profiles } from '../../../src/assertion/profiles.ts'
import { systemClock } from '../../../src/clock.ts'
import { createHs256, digest } from '../../../src/crypto/hs256.ts'
import { SessionCache } from '../../../src/session/cache.ts'
import { fill, madeUpCookieValue, madeUpSource } from './made-up.ts'

// What one cached session weighs, by itself and with the token that was issued for it: a cache of its own, filled, and
// counted after a full collection.
const count = Number(process.env['SESSIONS'] ?? 0)
const away = (): never => {
  throw new Error('there is no database here')
}
const source = madeUpSource({ findByToken: away, findById: away, refresh: away })
const assert = createAsserter({
  identity: {
    headers: [{ name: 'X-User-Id', source: 'user.id' }],
    token: {
      ...profiles.default,
      profile: 'default',
      ttlMs: 60_000,
      subject: 'user.id',
      claims: [],
    },
  },
  sign: createHs256('a secret that signs nothing of worth').sign,
  clockSkew: 30,
  newId: randomUUID,
})

function heldBytes(): number {
  for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const before = heldBytes()
const cache = new SessionCache({
  source,
  clock: systemClock,
  ttlMs: () => 3_600_000,
  wasRevoked: () => false,
})
await fill(cache, count)
const bare = heldBytes() - before
const issueAll = (): void => {
  for (let index = 0; index < count; index += 1) {
    const session = cache.peek(digest(madeUpCookieValue(index)))
    if (!session) throw new Error(`session ${index} is not cached`)
    assert({ kind: 'session', via: 'cookie', userId: session.user.id, session }, Date.now())
  }
}
issueAll()
const withToken = heldBytes() - before
// Once more, so that nothing of it was garbage when it was counted.
issueAll()
process.send?.({ bytes: bare / count, bytesWithToken: withToken / count })
process.on('disconnect', () => process.exit(0))
