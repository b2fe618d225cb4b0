import t from 'tap'
import { RevocationMarks } from '../../../src/session/revocation/marks.ts'

function start(keepMs = 1000) {
  const time = { ms: 100_000 }
  return { time, marks: new RevocationMarks({ keepMs, now: () => time.ms }) }
}

t.test('a session that was revoked is known by its id and by its token', async (t) => {
  const { marks } = start()
  marks.heard(
    { kind: 'session-revoked', sessionId: 's1', userId: 'ada', tokenDigest: 'd1' },
    100_000,
  )
  t.ok(marks.wasRevoked('sid:s1'))
  t.ok(marks.wasRevoked('d1'))
  t.notOk(marks.wasRevoked('sid:s2'))
  t.ok(marks.isRevoked({ userId: 'ada', sessionId: 's1', issuedAt: 1_000_000 }))
  t.notOk(marks.isRevoked({ userId: 'ada', sessionId: 's2', issuedAt: 0 }))
})

t.test('tokens of a user count when they were issued after the mark', async (t) => {
  const { marks } = start()
  const of = (issuedAt: number | null) => ({ userId: 'ada', sessionId: null, issuedAt })
  t.notOk(marks.isRevoked(of(null)), 'without a mark it need not say')
  marks.heard({ kind: 'user-revoked', userId: 'ada', beforeMs: 100_500 }, 100_500)
  t.ok(marks.isRevoked(of(99)))
  t.ok(marks.isRevoked(of(100)), 'of the same second, and perhaps earlier')
  t.notOk(marks.isRevoked(of(101)))
  t.ok(marks.isRevoked(of(null)), 'who does not say when is refused while there is a mark')
  t.notOk(marks.isRevoked({ ...of(99), userId: 'bob' }))
})

t.test('an older mark takes nothing away from a newer one', async (t) => {
  const { marks } = start()
  marks.heard({ kind: 'user-revoked', userId: 'ada', beforeMs: 100_500 }, 100_500)
  marks.heard({ kind: 'user-revoked', userId: 'ada', beforeMs: 50_000 }, 50_000)
  t.ok(marks.isRevoked({ userId: 'ada', sessionId: null, issuedAt: 100 }))
})

t.test('nothing counts that was issued for somebody who is gone', async (t) => {
  const { marks } = start()
  marks.heard({ kind: 'user-deleted', userId: 'ada' }, 100_000)
  t.ok(marks.isRevoked({ userId: 'ada', sessionId: null, issuedAt: 9_999_999 }))
})

t.test('a mark is kept for as long as a token may live', async (t) => {
  const { marks, time } = start(1000)
  marks.heard(
    { kind: 'session-revoked', sessionId: 's1', userId: 'ada', tokenDigest: null },
    100_000,
  )
  marks.heard({ kind: 'user-revoked', userId: 'ada', beforeMs: 100_000 }, 100_000)
  time.ms = 100_999
  t.ok(marks.wasRevoked('sid:s1'))
  t.ok(marks.isRevoked({ userId: 'ada', sessionId: null, issuedAt: null }))
  time.ms = 101_000
  t.notOk(marks.wasRevoked('sid:s1'))
  t.notOk(marks.isRevoked({ userId: 'ada', sessionId: null, issuedAt: null }))
})

t.test('changes that revoke nothing leave no mark', async (t) => {
  const { marks } = start()
  marks.heard({ kind: 'session-changed', sessionId: 's1', userId: 'ada' }, 100_000)
  marks.heard({ kind: 'user-changed', userId: 'ada' }, 100_000)
  marks.heard({ kind: 'everything-changed' }, 100_000)
  t.notOk(marks.isRevoked({ userId: 'ada', sessionId: 's1', issuedAt: null }))
})
