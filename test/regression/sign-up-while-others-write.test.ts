import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { call } from '../session/calls.ts'

// A sign-up reads, hashes a password and then writes, in one transaction. Whatever another connection wrote in that time made SQLite refuse it, and no
// waiting would have helped: a sign-out on another gateway, or the log of revocations, turned somebody else's sign-up into a 503.
t.test('a sign-up goes on while others write to the same file', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const other = new DatabaseSync(join(gateway.folder, 'auth.db'), { timeout: 0 })
  t.teardown(() => {
    other.close()
  })
  const insert = other.prepare('INSERT INTO sallyport_revocation (at, line) VALUES (?, ?)')
  let written = 0
  const writing = setInterval(() => {
    try {
      insert.run(Date.now(), '')
      written += 1
    } catch {
      // Somebody else is writing.
    }
  }, 2)
  t.teardown(() => {
    clearInterval(writing)
  })
  const replies = []
  for (let index = 0; index < 5; index += 1) {
    const email = `user-${index}@example.com`
    const body = { name: 'Ada', email, password: 'correct horse battery staple' }
    replies.push((await call(gateway, '/sign-up/email', { body })).status)
  }
  t.strictSame(replies, [200, 200, 200, 200, 200])
  t.ok(written > 0, `${written} times something was written in between`)
})
