import t from 'tap'
import { isRefusal, refuse } from '../../src/errors/refusal.ts'
import { liveHearer } from '../../src/live/hearer.ts'
import { startRegistry } from './start.ts'

t.test('a session that ends takes what it opened with it, and nothing else', async (t) => {
  const { live, open } = startRegistry(t)
  const [first, second] = [open(), open({ kind: 'event-stream' })]
  const [otherSession, anonymous] = [open({ sessionId: 's2' }), open({ sessionId: null })]
  live.closeBySession('s1', refuse('session_revoked'))
  t.strictSame([first, second], [['session_revoked'], ['session_revoked']])
  t.strictSame([otherSession, anonymous], [[], []])
  t.equal(live.size, 2)
})

t.test('a user who is closed loses every session, and foreign tokens too', async (t) => {
  const { live, open } = startRegistry(t)
  const ended = [open(), open({ sessionId: 's2' }), open({ sessionId: null })]
  const other = open({ userId: 'bob', sessionId: 's3' })
  live.closeByUser('ada', refuse('user_banned'))
  t.strictSame(ended, [['user_banned'], ['user_banned'], ['user_banned']])
  t.strictSame(other, [])
})

t.test('each connection is ended once, and all of them when the gateway goes', async (t) => {
  const { live, open } = startRegistry(t)
  const ended = [open(), open({ userId: null, sessionId: null, expiresAtMs: Infinity })]
  live.closeBySession('s1', refuse('session_revoked'))
  live.closeAll(refuse('shutting_down'))
  live.closeAll(refuse('shutting_down'))
  t.strictSame(ended, [['session_revoked'], ['shutting_down']])
  t.equal(live.size, 0)
})

t.test('a client may have so many open and no more, whoever it says it is', async (t) => {
  const { live, open, limit } = startRegistry(t)
  limit.perClient = 2
  open()
  const added = live.add({
    kind: 'websocket',
    client: '192.0.2.1',
    userId: 'bob',
    sessionId: 's2',
    expiresAtMs: Infinity,
    judge: null,
    end: () => undefined,
  })
  t.strictSame(open({ userId: null, sessionId: null }), ['refused: overloaded'])
  t.strictSame(open({ client: '192.0.2.2' }), [])
  if (!isRefusal(added)) {
    added()
    added()
  }
  t.strictSame(open(), [], 'what was taken off no longer counts')
  t.strictSame(open(), ['refused: overloaded'], 'taking it off twice counts once')
  limit.perClient = 3
  t.strictSame(open(), [], 'a reload changes the limit')
})

t.test('what begins after its session was revoked does not begin', async (t) => {
  const { open, revoked, live } = startRegistry(t)
  revoked.add('s1')
  t.strictSame(open({ sessionId: 's1' }), ['refused: session_revoked'])
  t.strictSame(open({ sessionId: 's2' }), [])
  t.equal(live.size, 1)
})

t.test('sign-out and deletion end what is open', async (t) => {
  const { live, open } = startRegistry(t)
  const hearer = liveHearer(live)
  const [signedOut, deleted] = [open(), open({ userId: 'bob', sessionId: 's2' })]
  hearer.heard({ kind: 'session-revoked', sessionId: 's1', tokenDigest: null, userId: 'ada' }, 0)
  hearer.heard({ kind: 'session-changed', sessionId: 's2', userId: 'bob' }, 0)
  t.strictSame([signedOut, deleted], [['session_revoked'], []])
  hearer.heard({ kind: 'user-deleted', userId: 'bob' }, 0)
  t.strictSame(deleted, ['session_revoked'])
})

t.test('what an API key holds open ends when its owner or one of their keys changes', async (t) => {
  const { live, open } = startRegistry(t)
  const byKey = { sessionId: null, isByKey: true, expiresAtMs: Infinity }
  const [key, session, token] = [open(byKey), open(), open({ sessionId: null })]
  const other = open({ ...byKey, userId: 'bob' })
  const hearer = liveHearer(live)
  hearer.heard({ kind: 'user-changed', userId: 'ada' }, 0)
  t.strictSame([key, session, token, other], [['api_key_invalid'], [], [], []])
  hearer.heard({ kind: 'everything-changed' }, 0)
  t.strictSame(other, ['api_key_invalid'])
  t.strictSame(token, [])
})
