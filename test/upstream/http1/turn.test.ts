import t from 'tap'
import { Turn, type Task } from '../../../src/upstream/http1/turn.ts'

/** Resolves when everything that `setImmediate` has been given until now has run. */
function turnOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function task(atEndOfTurn: () => unknown, giveUp: (error: Error) => unknown = throwAgain): Task {
  return { atEndOfTurn, giveUp }
}

function throwAgain(error: Error): never {
  throw error
}

t.test('what a turn leaves is done in order, once for each time, when it is over', async (t) => {
  const turn = new Turn()
  const done: string[] = []
  const twice = task(() => done.push('twice'))
  turn.add(task(() => done.push('one')))
  turn.add(twice)
  turn.add(task(() => done.push('two')))
  turn.add(twice)
  t.strictSame(done, [], 'not at once')
  await Promise.resolve()
  t.strictSame(done, [], 'not in this turn')
  await turnOver()
  t.strictSame(done, ['one', 'twice', 'two', 'twice'])
  await turnOver()
  t.equal(done.length, 4, 'and never again')
})

t.test('a turn ends once, however much it leaves', async (t) => {
  const before = globalThis.setImmediate
  let asked = 0
  globalThis.setImmediate = ((...given: Parameters<typeof before>) => {
    asked += 1
    return before(...given)
  }) as typeof before
  t.teardown(() => (globalThis.setImmediate = before))
  const turn = new Turn()
  let done = 0
  for (let each = 0; each < 100; each += 1) turn.add(task(() => (done += 1)))
  t.equal(asked, 1)
  await new Promise((resolve) => before(resolve))
  t.equal(done, 100)
  turn.add(task(() => (done += 1)))
  t.equal(asked, 2, 'the next turn has an end of its own')
  await new Promise((resolve) => before(resolve))
  t.equal(done, 101)
})

t.test('what is added at the end of a turn belongs to the next one', async (t) => {
  const turn = new Turn()
  const done: string[] = []
  turn.add(
    task(() => {
      done.push('first')
      turn.add(task(() => done.push('later')))
    }),
  )
  turn.add(task(() => done.push('second')))
  await turnOver()
  t.strictSame(done, ['first', 'second'])
  await turnOver()
  t.strictSame(done, ['first', 'second', 'later'])
})

t.test('two turns do not know each other', async (t) => {
  const [one, other] = [new Turn(), new Turn()]
  const done: string[] = []
  one.add(task(() => done.push('one')))
  other.add(task(() => done.push('other')))
  await turnOver()
  t.strictSame(done, ['one', 'other'])
})

t.test('a task that fails is told so, and takes nobody along', async (t) => {
  const turn = new Turn()
  const done: string[] = []
  const fail = (why: string): Task =>
    task(
      () => throwAgain(new Error(why)),
      ({ message }) => done.push(message),
    )
  turn.add(fail('one is broken'))
  turn.add(task(() => done.push('two')))
  turn.add(fail('three is broken'))
  turn.add(task(() => done.push('four')))
  await turnOver()
  t.strictSame(done, ['one is broken', 'two', 'three is broken', 'four'])
})
