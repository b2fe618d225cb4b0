import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import { refuse, type Refusal } from '../../src/errors/refusal.ts'
import { ownerOf } from '../../src/live/owner.ts'
import { session, startRegistry } from './start.ts'

/** What a route for administrators says of a session. */
function forAdmins({ user }: Session): Refusal | null {
  return user.role === 'admin' ? null : refuse('role_missing')
}

/** The session of `start.ts` with this role. */
function withRole(role: string | null, expiresAtMs: number): Session {
  const known = session(expiresAtMs)
  return { ...known, user: { ...known.user, role } }
}

t.test('what its session may no longer do is ended, and all else goes on', async (t) => {
  const { live, open, store, time } = startRegistry(t)
  const ended = [open({ judge: forAdmins }), open()]
  store.set('s1', withRole('admin', time.ms + 60_000))
  live.recheckUser('ada')
  await setImmediate()
  t.strictSame(ended, [[], []])
  store.set('s1', withRole(null, time.ms + 60_000))
  live.recheckUser('ada')
  await setImmediate()
  t.strictSame(ended, [['role_missing'], []])
})

t.test(
  'a stream that begins after a change is asked about, until nobody can be late',
  async (t) => {
    const { live, open, store, asked, time } = startRegistry(t)
    store.set('s1', withRole(null, time.ms + 600_000))
    live.recheckUser('ada')
    const late = open({ judge: forAdmins, expiresAtMs: Infinity })
    const anybodys = open({ expiresAtMs: Infinity })
    await setImmediate()
    t.strictSame([late, anybodys], [['role_missing'], []])
    t.strictSame(asked, ['s1'], 'once, and not for a route that asks for nothing')
    time.ms += 61_000
    live.sweep()
    const later = open({ judge: forAdmins, expiresAtMs: Infinity })
    await setImmediate()
    t.strictSame([later, asked], [[], ['s1']])
  },
)

t.test('where anything may have been missed, everybody is asked about', async (t) => {
  const { live, open, store, time } = startRegistry(t)
  store.set('s1', withRole(null, time.ms + 60_000))
  live.recheckAll()
  const late = open({ judge: forAdmins })
  await setImmediate()
  t.strictSame(late, ['role_missing'])
})

t.test(
  'a stream needs what its route asked for, but nothing that only time or its path decides',
  async (t) => {
    const needs = {
      ...{ roles: null, scopes: null, freshMs: 1, owner: 'user_id', emailVerified: false },
      organization: { roles: ['owner'] },
    }
    const auth = { mode: 'required', forwardAuthorization: false, accept: null, needs } as const
    const inside = (id: string, role: string): Session => ({
      ...session(60_000),
      organization: { id, role },
    })
    const judgeFor = (more: object): unknown => {
      const principal = {
        kind: 'session',
        via: 'cookie',
        userId: 'ada',
        session: inside('o1', 'owner'),
      }
      return ownerOf({ principal, route: { auth: { ...auth, ...more } } } as never).judge
    }
    const judge = judgeFor({}) as (session: Session) => Refusal | null
    t.equal(judge(inside('o1', 'member,owner')), null)
    t.match(judge(inside('o1', 'member')), { code: 'role_missing' })
    t.match(judge(inside('o2', 'owner')), { code: 'organization_missing' }, 'it began with another')
    t.match(judge(session(60_000)), { code: 'organization_missing' })
    t.equal(judgeFor({ needs: null }), null, 'a route that asks for nothing never asks again')
  },
)
