import type { GenericEndpointContext } from 'better-auth'
import { pino } from 'pino'
import t from 'tap'
import { createRehash } from '../../../../src/session/embedded/hashes/rehash.ts'
import { FailureWatch } from '../../../../src/session/embedded/store/watch.ts'

const old = `$2b$04$${'a'.repeat(53)}`

type Where = readonly { readonly field: string; readonly value: string }[]
type Row = Record<string, string>

interface Options {
  readonly path?: string
  readonly body?: unknown
  readonly hash?: (password: string, rows: readonly Row[]) => Promise<string>
  readonly write?: () => void
}

/** Better Auth's context with two users, whose passwords are stored in `rows`. */
function contextWith(options: Options = {}): { context: GenericEndpointContext; rows: Row[] } {
  const { path = '/sign-in/email', body = { password: 'secret' }, hash, write } = options
  const rows: Row[] = ['u1', 'u2'].flatMap((userId) => [
    { id: `${userId}-social`, userId, providerId: 'github', password: old },
    { id: `${userId}-own`, userId, providerId: 'credential', password: old },
  ])
  const matches = (row: Row, where: Where): boolean =>
    where.every(({ field, value }) => row[field] === value)
  const adapter = {
    findOne: async ({ where }: { where: Where }) => rows.find((row) => matches(row, where)) ?? null,
    updateMany: async ({ where, update }: { where: Where; update: Row }) => {
      write?.()
      for (const row of rows.filter((each) => matches(each, where))) Object.assign(row, update)
    },
  }
  const password = {
    hash: (text: string) => hash?.(text, rows) ?? Promise.resolve(`hash of ${text}`),
  }
  const context = { path, body, context: { adapter, password } }
  return { context: context as unknown as GenericEndpointContext, rows }
}

function rehasher() {
  const watch = new FailureWatch()
  const log: Record<string, unknown>[] = []
  const logger = pino({}, { write: (line: string) => log.push(JSON.parse(line) as never) })
  return { rehash: createRehash({ logger, apart: (work) => watch.during(work) }), log, watch }
}

const passwords = (rows: readonly Row[]): unknown => rows.map(({ password }) => password)

t.test('the own password of who has signed in is hashed anew, and nobody else’s', async (t) => {
  const { rehash, log } = rehasher()
  const { context, rows } = contextWith()
  await rehash({ userId: 'u2' }, context)
  t.strictSame(passwords(rows), [old, old, old, 'hash of secret'])
  t.strictSame(log, [])
})

t.test('only where the password of the body was proven', async (t) => {
  const { rehash } = rehasher()
  const bodies = [
    { path: '/sign-in/ldap' },
    { path: '/sign-up/email' },
    { body: {} },
    { body: null },
  ]
  for (const options of bodies) {
    const { context, rows } = contextWith(options)
    await rehash({ userId: 'u1' }, context)
    t.strictSame(passwords(rows), Array(4).fill(old), JSON.stringify(options))
  }
  await rehash({ userId: 'u1' }, null)
})

t.test('a password that was changed meanwhile stays changed', async (t) => {
  const { rehash } = rehasher()
  const { context, rows } = contextWith({
    hash: async (_, rows) => {
      rows[1]!['password'] = 'changed'
      return 'too late'
    },
  })
  await rehash({ userId: 'u1' }, context)
  t.strictSame(passwords(rows), [old, 'changed', old, old])
})

t.test(
  'a failure is logged without what it concerns, and is no failure of the sign-in',
  async (t) => {
    const { rehash, log, watch } = rehasher()
    const failures: Options[] = [
      { hash: () => Promise.reject(Object.assign(new Error('busy'), { detail: old })) },
      {
        write: () => {
          const failure = Object.assign(new Error('the disk is full'), { detail: old })
          watch.note(failure)
          throw failure
        },
      },
    ]
    for (const options of failures) {
      const { context, rows } = contextWith(options)
      t.equal(
        await watch.during(() => rehash({ userId: 'u1' }, context).then(() => 'done')),
        'done',
      )
      t.strictSame(passwords(rows), Array(4).fill(old))
    }
    t.match(log, [
      { level: 40, userId: 'u1', reason: 'busy' },
      { level: 40, userId: 'u1', reason: 'the auth database failed' },
    ])
    t.notMatch(JSON.stringify(log), /secret|\$2b/)
  },
)
