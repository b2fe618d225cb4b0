import t from 'tap'
import { isOutage } from '../../../../src/session/embedded/store/outage.ts'
import { FailureWatch } from '../../../../src/session/embedded/store/watch.ts'

t.test('a failure that was hidden makes the answer unknown', async (t) => {
  const watch = new FailureWatch()
  const hidden = watch.during(async () => {
    await Promise.resolve()
    watch.note(new Error('away'))
    return 'not signed in'
  })
  await t.rejects(hidden, { code: 'SALLYPORT_SESSION_STORE' })
})

t.test('pieces of work at the same time are told apart', async (t) => {
  const watch = new FailureWatch()
  const failing = watch.during(async () => {
    await new Promise(setImmediate)
    watch.note(new Error('away'))
  })
  const well = watch.during(async () => {
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    return 'well'
  })
  await t.rejects(failing, { code: 'SALLYPORT_SESSION_STORE' })
  t.equal(await well, 'well')
  watch.note(new Error('outside of any work'))
})

t.test('what fails for another reason fails as it did', async (t) => {
  const watch = new FailureWatch()
  const bug = new Error('a bug')
  await t.rejects(
    watch.during(() => Promise.reject(bug)),
    bug,
  )
  const both = watch.during(() => {
    watch.note(new Error('away'))
    return Promise.reject(bug)
  })
  await t.rejects(both, { code: 'SALLYPORT_SESSION_STORE' })
})

t.test('the database is told from the statement', async (t) => {
  const of = (code?: string): Error => Object.assign(new Error('x'), code ? { code } : {})
  for (const code of [
    undefined,
    'ECONNREFUSED',
    '57P01',
    '53300',
    '08006',
    '25006',
    '42P01',
    '28P01',
  ]) {
    t.ok(isOutage(of(code)), code ?? 'a time-out')
  }
  for (const code of ['23505', '22P02', '40001', '42601']) t.notOk(isOutage(of(code)), code)
})
