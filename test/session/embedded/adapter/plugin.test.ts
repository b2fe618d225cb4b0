import t from 'tap'
import { createGatewayPlugin } from '../../../../src/session/embedded/plugin.ts'
import type { RevocationListener } from '../../../../src/session/port.ts'

type After = (row: object | null) => Promise<void>
interface Hooks {
  readonly session: { readonly delete: { after: After }; readonly update: { after: After } }
  readonly user: { readonly delete: { after: After }; readonly update: { after: After } }
}

const row = { id: 's1', token: 'token', userId: 'u1', expiresAt: new Date(50_000) }

/** The hooks as Better Auth gets them, and what the gateway hears through them. */
function hear(now = 0): { readonly hooks: Hooks; readonly heard: unknown[] } {
  const heard: unknown[] = []
  const note =
    (name: string) =>
    (event: object): void => {
      heard.push({ name, ...event })
    }
  const listener: RevocationListener = {
    sessionRevoked: note('sessionRevoked'),
    sessionChanged: note('sessionChanged'),
    userChanged: note('userChanged'),
    userRevoked: note('userRevoked'),
    userDeleted: note('userDeleted'),
    everyoneRevoked: () => undefined,
    everythingChanged: () => undefined,
  }
  const plugin = createGatewayPlugin(listener, { kind: 'open' }, () => now)
  const made = plugin.init?.({} as never) as { options: { databaseHooks: Hooks } }
  return { hooks: made.options.databaseHooks, heard }
}

t.test('the gateway hears of every row that is changed or removed', async (t) => {
  const { hooks, heard } = hear()
  await hooks.session.delete.after(row)
  await hooks.session.update.after(row)
  await hooks.user.update.after({ id: 'u1' })
  await hooks.user.delete.after({ id: 'u1' })
  t.same(heard, [
    { name: 'sessionRevoked', sessionId: 's1', token: 'token', userId: 'u1' },
    { name: 'sessionChanged', sessionId: 's1', userId: 'u1' },
    { name: 'userChanged', userId: 'u1' },
    { name: 'userDeleted', userId: 'u1' },
  ])
})

t.test('a row that is removed because its time has run out was not revoked', async (t) => {
  const { hooks, heard } = hear(50_000)
  await hooks.session.delete.after(row)
  t.match(heard, [{ name: 'sessionChanged' }])
})

t.test('a row that was gone before it could be changed is no change', async (t) => {
  const { hooks, heard } = hear()
  await hooks.session.update.after(null)
  await hooks.user.update.after(null)
  t.same(heard, [])
})
