import t from 'tap'
import { createUserSource } from '../../../../src/session/embedded/users.ts'

const row = { id: 'abc-1', email: 'a@example.com', emailVerified: true, name: 'A' }

function find(id: string, read: () => Promise<unknown>): Promise<unknown> {
  return createUserSource({ findOne: read as never }, () => 1000).findUser(id)
}

t.test('a user is found by id, with a ban that has not run out', async (t) => {
  t.match(await find('abc-1', () => Promise.resolve(row)), { id: 'abc-1', banned: false })
  t.match(await find('abc-1', () => Promise.resolve({ ...row, banned: true })), { banned: true })
  const over = { ...row, banned: true, banExpires: new Date(999) }
  t.match(await find('abc-1', () => Promise.resolve(over)), { banned: false })
  t.equal(await find('abc-1', () => Promise.resolve(null)), null)
})

// PostgreSQL finds a UUID whatever its letters and dashes. FastAPI, caches and marks go by the text.
t.test('a user is known by one spelling of the id', async (t) => {
  for (const id of ['ABC-1', 'abc1', '{abc-1}', ' abc-1']) {
    t.equal(await find(id, () => Promise.resolve(row)), null, id)
  }
})

t.test('what is no id is nobody, and an outage is an outage', async (t) => {
  const failure = (code: string) => () => Promise.reject(Object.assign(new Error('x'), { code }))
  t.equal(await find('x', failure('22P02')), null)
  await t.rejects(find('x', failure('08006')))
})
