import type { Mutant } from '../../mutant.ts'

const writes = 'src/session/embedded/writes.ts'
const organizations = ['test/gateway/access/organizations.test.ts']
const impersonation = ['test/gateway/access/impersonation.test.ts']
const live = ['test/live/needs.test.ts']

/** What is known of whoever is authenticated is what holds now, and FastAPI is told it. */
export const standing: readonly Mutant[] = [
  {
    name: 'members-watched',
    protection: 'a role in an organisation that is taken counts on the next request',
    file: 'src/session/embedded/plugin.ts',
    find: 'watchWrites(adapter, listener)',
    replace: 'adapter',
    tests: organizations,
    covers: [20, 49],
  },
  {
    name: 'members-after-commit',
    protection: 'a change is told when it is committed',
    file: writes,
    find: 'notes.push(say)',
    replace: 'say(listener)',
    tests: ['test/session/embedded/adapter/writes.test.ts'],
    covers: [20],
  },
  {
    name: 'members-named-before',
    protection: 'who is removed is looked up while they are there',
    file: writes,
    find: '[...before, ...after]',
    replace: 'after',
    tests: organizations,
    covers: [20, 49],
  },
  {
    name: 'member-of-now',
    protection: 'an organisation that its user was removed from is not active',
    file: 'src/session/embedded/source.ts',
    find: 'return member === null ? null : { id: activeOrganizationId, role: member.role }',
    replace: "return { id: activeOrganizationId, role: member?.role ?? '' }",
    tests: organizations,
    covers: [49],
  },
  {
    name: 'live-needs',
    protection: 'a role that is lost ends what it opened',
    file: 'src/live/registry.ts',
    find: 'entry.connection.judge?.(session) ?? null',
    replace: 'null',
    tests: live,
    covers: [42, 49],
  },
  {
    name: 'live-late',
    protection: 'what is lost between the admission of a stream and its beginning ends it',
    file: 'src/live/registry.ts',
    find: 'if (sessionId !== null) this.#catchUp(connection, sessionId)',
    replace: '',
    tests: live,
    covers: [42, 49],
  },
  {
    name: 'live-organization',
    protection: 'a stream stays with the organisation that it began with',
    file: 'src/live/owner.ts',
    find: 'session.organization?.id !== organizationId',
    replace: 'session.organization === null',
    tests: live,
    covers: [42, 49],
  },
  {
    name: 'act-claim',
    protection: 'FastAPI is told who acts in the name of a user',
    file: 'src/assertion/claims.ts',
    find: 'impersonatedBy === null ? {}',
    replace: 'true ? {}',
    tests: impersonation,
    covers: [49],
  },
  {
    name: 'impersonated-header',
    protection: 'nobody but us says who acts in the name of a user',
    file: 'src/proxy/headers.ts',
    find: "'x-impersonated-by',",
    replace: '',
    tests: impersonation,
    covers: [9, 49],
  },
]
