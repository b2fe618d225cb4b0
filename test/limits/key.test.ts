import fc from 'fast-check'
import t from 'tap'
import { rateKey } from '../../src/limits/key.ts'

const userIds = fc.stringMatching(/^[\x21-\x7e]{1,128}$/)
const buckets = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/)
const addresses = fc.oneof(fc.ipV4(), fc.ipV6())

t.test('a user is counted by id wherever the requests come from', async (t) => {
  const limit = { bucket: 'api', by: 'user' } as const
  const key = rateKey(limit, { userId: 'u1' }, '192.0.2.1')
  t.equal(rateKey(limit, { userId: 'u1' }, '2001:db8::1'), key)
  t.not(rateKey(limit, { userId: 'u2' }, '192.0.2.1'), key)
})

t.test('nobody is counted by address, and so is everybody where the route says ip', async (t) => {
  const byUser = { bucket: 'api', by: 'user' } as const
  const byIp = { bucket: 'api', by: 'ip' } as const
  const key = rateKey(byUser, null, '192.0.2.1')
  t.equal(rateKey(byIp, { userId: 'u1' }, '192.0.2.1'), key)
  t.not(rateKey(byUser, null, '192.0.2.2'), key)
})

t.test('no user id makes the key of an address or of another bucket', async () => {
  fc.assert(
    fc.property(
      fc.tuple(buckets, userIds),
      fc.tuple(buckets, userIds),
      addresses,
      ([bucket, userId], [other, otherId], address) => {
        const key = rateKey({ bucket, by: 'user' }, { userId }, address)
        const isSame = bucket === other && userId === otherId
        const second = rateKey({ bucket: other, by: 'user' }, { userId: otherId }, address)
        return (
          key !== rateKey({ bucket: other, by: 'ip' }, null, address) && (key === second) === isSame
        )
      },
    ),
    { numRuns: 2000 },
  )
})

t.test('an id that is written like a key is still only an id', async (t) => {
  const byUser = { bucket: 'api', by: 'user' } as const
  const address = rateKey({ bucket: 'api', by: 'ip' }, null, '192.0.2.1')
  for (const userId of ['a:192.0.2.1', ':a:192.0.2.1', '192.0.2.1', 'api:a:192.0.2.1']) {
    t.not(rateKey(byUser, { userId }, '198.51.100.1'), address, userId)
  }
})
