import t from 'tap'
import { watchWrites } from '../../../../src/session/embedded/writes.ts'

type Adapter = Parameters<typeof watchWrites>[0]
interface Row {
  readonly model: string
  readonly where?: readonly { readonly field: string; readonly value: unknown }[]
  readonly data?: object
}

/** An adapter over members of one organisation, and what is heard of it, in order with what it does. */
function watched(userIds: readonly string[], options: { readonly fails?: boolean } = {}) {
  const log: string[] = []
  const write =
    (name: string) =>
    async ({ model, data }: Row): Promise<unknown> => {
      log.push(`${name} ${model}`)
      if (options.fails === true) throw new Error('the connection was lost')
      return data ?? null
    }
  const inner = {
    create: write('create'),
    update: write('update'),
    delete: write('delete'),
    deleteMany: write('deleteMany'),
    findOne: () => Promise.resolve(null),
    findMany: ({ limit }: { readonly limit: number }) =>
      Promise.resolve(userIds.slice(0, limit).map((userId) => ({ userId }))),
  }
  const whole = {
    ...inner,
    transaction: async (work: (adapter: unknown) => Promise<unknown>) => {
      log.push('begin')
      const result = await work(inner)
      log.push('commit')
      return result
    },
  }
  const adapter = watchWrites(whole as unknown as Adapter, {
    userChanged: ({ userId }) => log.push(`heard ${userId}`),
    userRevoked: ({ userId }) => log.push(`revoked ${userId}`),
    everythingChanged: () => log.push('heard everything'),
  })
  return { adapter, log }
}

const where = [{ field: 'organizationId', value: 'o1' }]

t.test('whoever becomes, changes or ceases to be a member is named when it is done', async (t) => {
  const { adapter, log } = watched(['ada'])
  await adapter.create({ model: 'member', data: { userId: 'eve' } })
  await adapter.update({ model: 'member', where, update: { role: 'owner' } })
  await adapter.delete({ model: 'member', where })
  t.strictSame(log, [
    ...['create member', 'heard eve'],
    ...['update member', 'heard ada'],
    ...['delete member', 'heard ada'],
  ])
})

t.test('other tables concern nobody', async (t) => {
  const { adapter, log } = watched(['ada'])
  await adapter.create({ model: 'invitation', data: { userId: 'ada' } })
  await adapter.deleteMany({ model: 'organization', where })
  t.strictSame(log, ['create invitation', 'deleteMany organization'])
})

t.test('what happens in a transaction is told when it is committed', async (t) => {
  const { adapter, log } = watched(['ada', 'bob'])
  await adapter.transaction(async (inside) => {
    await inside.deleteMany({ model: 'member', where })
    await inside.delete({ model: 'organization', where })
  })
  t.strictSame(log, [
    ...['begin', 'deleteMany member', 'delete organization', 'commit'],
    ...['heard ada', 'heard bob'],
  ])
})

t.test('a write that fails may have been made all the same', async (t) => {
  const { adapter, log } = watched(['ada'], { fails: true })
  await t.rejects(adapter.delete({ model: 'member', where }))
  t.strictSame(log, ['delete member', 'heard ada'])
  await t.rejects(adapter.transaction((inside) => inside.delete({ model: 'member', where })))
  t.strictSame(log.slice(2), ['begin', 'delete member', 'heard ada'])
})

t.test('of very many it is not told who they are', async (t) => {
  const everybody = Array.from({ length: 1001 }, (_unused, index) => `user-${index}`)
  const many = watched(everybody.slice(1))
  await many.adapter.deleteMany({ model: 'member', where })
  t.equal(many.log.length, 1001)
  const more = watched(everybody)
  await more.adapter.deleteMany({ model: 'member', where })
  t.strictSame(more.log, ['deleteMany member', 'heard everything'])
})

t.test(
  'all sessions of a user being ended together revokes what was issued for them',
  async (t) => {
    const { adapter, log } = watched([])
    const ofAda = [{ field: 'userId', value: 'ada' }]
    await adapter.deleteMany({ model: 'session', where: ofAda })
    await adapter.transaction((inside) => inside.deleteMany({ model: 'session', where: ofAda }))
    t.strictSame(log, [
      ...['deleteMany session', 'revoked ada'],
      ...['begin', 'deleteMany session', 'commit', 'revoked ada'],
    ])
  },
)

t.test('ending one session, or those that have run out, revokes nothing else', async (t) => {
  const { adapter, log } = watched([])
  await adapter.delete({ model: 'session', where: [{ field: 'userId', value: 'ada' }] })
  for (const where of [
    [{ field: 'token', value: 'x' }],
    [],
    [
      { field: 'userId', value: 'ada' },
      { field: 'expiresAt', value: new Date(0), operator: 'lt' as const },
    ],
    [{ field: 'userId', value: ['ada', 'bob'], operator: 'in' as const }],
  ]) {
    await adapter.deleteMany({ model: 'session', where })
  }
  t.notMatch(log.join(), /revoked/)
})
