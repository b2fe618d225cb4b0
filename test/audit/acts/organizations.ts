import { act, type Act } from './act.ts'
import { ask } from '../stage.ts'

export const organizations: readonly Act[] = [
  {
    name: 'an organisation that is made',
    act: (gateway, { cookie }) => {
      const slug = crypto.randomUUID()
      return ask(gateway, '/organization/create', { cookie, body: { name: 'Acme', slug } })
    },
    says: ['membership.added success'],
  },
  act({
    name: 'one that is deleted',
    before: async (gateway, { cookie }) => {
      const slug = crypto.randomUUID()
      const made = await ask(gateway, '/organization/create', { cookie, body: { name: 'A', slug } })
      return String(made.json()['id'])
    },
    act: (gateway, { cookie }, organizationId) =>
      ask(gateway, '/organization/delete', { cookie, body: { organizationId } }),
    says: ['membership.removed success'],
  }),
]
