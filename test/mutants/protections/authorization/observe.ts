import type { Mutant } from '../../mutant.ts'

const road = 'src/pipeline/observe.ts'
const answers = 'src/proxy/headers/observed.ts'
const refusals = ['test/gateway/observe/refusals.test.ts']
const headers = ['test/gateway/observe/headers.test.ts']
const users = ['test/gateway/observe/users.test.ts']

/** What holds on a route that refuses nobody. */
export const observing: readonly Mutant[] = [
  {
    name: 'observe-only-there',
    protection: 'only a route that says so observes',
    file: 'src/pipeline.ts',
    find: 'route.observe === null ? admitForward : observe',
    replace: 'observe',
    tests: ['test/gateway/observe/enforced.test.ts'],
    covers: [58],
  },
  {
    name: 'observe-refused-is-nobody',
    protection: 'who would be refused is not named to FastAPI',
    file: road,
    find: 'observed !== null || isRefusal(caller) ? null : caller',
    replace: 'proof.principal',
    tests: refusals,
    covers: [9, 58],
  },
  {
    name: 'observe-limited-is-nobody',
    protection: 'nor is who has used up a limit',
    file: road,
    find: 'observed !== null || isRefusal(caller) ? null : caller',
    replace: 'isRefusal(caller) ? null : caller',
    tests: refusals,
    covers: [58],
  },
  {
    name: 'observe-no-token',
    protection: 'no token of ours stands where the client had none',
    file: road,
    find: "headers[index - (index % 2)] !== 'authorization'",
    replace: 'index >= 0',
    tests: headers,
    covers: [11, 58],
  },
  {
    name: 'observe-strips',
    protection: 'identity headers from outside die on observed routes too',
    file: answers,
    find: 'dropsApiKey: false',
    replace: 'dropsApiKey: false, identityNames: new Set<string>()',
    tests: headers,
    covers: [9, 58],
  },
  {
    name: 'observe-session-cookie',
    protection: 'Better Auth’s cookies reach FastAPI only where the route says so',
    file: answers,
    find: 'observe.sessionCookies\n',
    replace: 'observe\n',
    tests: headers,
    covers: [12, 58],
  },
  {
    name: 'observe-user-header',
    protection: 'the header that names the user goes no further',
    file: answers,
    find: 'else rest.push(name, value)',
    replace: 'rest.push(name, value)',
    tests: users,
    covers: [58],
  },
  {
    name: 'observe-logs-ids',
    protection: 'what FastAPI says of a user is logged only where it is an id',
    file: 'src/ops/metrics/compared.ts',
    find: 'user === null || idGrammar.test(user)',
    replace: 'user === null || user',
    tests: users,
    covers: [58],
  },
  {
    name: 'observe-no-files',
    protection: 'files are never only observed: nobody else would protect them',
    file: 'src/config/assemble/route/enforce.ts',
    find: 'route.static !== undefined',
    replace: 'false',
    tests: ['test/config/cases.test.ts'],
    covers: [58],
  },
  {
    name: 'observe-body-limit',
    protection: 'what is too large is refused on observed routes too',
    file: road,
    find: 'if (isTooLarge(head, route))',
    replace: 'if (false)',
    tests: ['test/gateway/observe/enforced.test.ts'],
    covers: [58],
  },
  {
    name: 'observe-caps',
    protection: 'what ends a stream whoever holds it is no observation',
    file: 'src/live/observed.ts',
    find: "code !== 'shutting_down' && code !== 'overloaded'",
    replace: "code !== 'x'",
    tests: ['test/gateway/observe/streams.test.ts'],
    covers: [58],
  },
]
