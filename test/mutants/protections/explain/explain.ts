import type { Mutant } from '../../mutant.ts'

const mask = 'src/explain/parts/mask.ts'
const witness = 'src/explain/witness.ts'
const golden = ['test/explain/golden.test.ts']
const watched = ['test/explain/parts/witness.test.ts']
const masked = ['test/explain/parts/masking.test.ts']
const remote = ['test/explain/elsewhere/remote.test.ts']

/** What holds of `explain`: it prints no secret, and changes nothing. */
export const explaining: readonly Mutant[] = [
  {
    name: 'explain-authorization-masked',
    protection: 'a token that FastAPI would get is not printed',
    file: mask,
    find: 'return [name, maskAuthorization(value)]',
    replace: 'return [name, value]',
    tests: golden,
    covers: [],
  },
  {
    name: 'explain-cookies-masked',
    protection: 'cookies are told by their names alone',
    file: mask,
    find: '=${hidden}`',
    replace: '=${pair.slice(equals + 1)}`',
    tests: masked,
    covers: [],
  },
  {
    name: 'explain-headers-masked',
    protection: 'what stands in a header that is named like a secret is not printed',
    file: mask,
    find: 'value]\n  return [name, hidden]',
    replace: 'value]\n  return [name, value]',
    tests: masked,
    covers: [],
  },
  {
    name: 'explain-claims-masked',
    protection: 'what stands in a claim that is named like a secret is not printed',
    file: mask,
    find: 'if (secretName.test(name)) return',
    replace: 'if (secretName.test(hidden)) return',
    tests: masked,
    covers: [],
  },
  {
    name: 'explain-ticket-unredeemed',
    protection: 'explain uses no ticket up',
    file: witness,
    find: "note('ticket', readUnknownTicket(...given))",
    replace: "note('ticket', (authn.readTicket ?? readUnknownTicket)(...given))",
    tests: watched,
    covers: [],
  },
  {
    name: 'explain-rate-uncounted',
    protection: 'explain counts nothing against a rate limit',
    file: witness,
    find: 'return Promise.resolve({ refusal: null, headers: [] })',
    replace: 'return road.limitRate(limit, principal, head)',
    tests: watched,
    covers: [],
  },
  {
    name: 'explain-session-unextended',
    protection: 'explain extends no session',
    file: witness,
    find: 'slide: (session) => {\n      seen.slides = true',
    replace:
      'slide: (session, head) => {\n      seen.slides = true\n      void road.slide(session, head)',
    tests: watched,
    covers: [],
  },
  {
    name: 'explain-remote-unextended',
    protection: 'a Better Auth elsewhere is asked so that it extends nothing',
    file: 'src/session/remote/source.ts',
    find: "'disableRefresh=true&disableCookieCache=true'",
    replace: "'disableCookieCache=true'",
    tests: remote,
    covers: [],
  },
  {
    name: 'explain-shared-revocations',
    protection: 'what gateways with a Better Auth elsewhere revoked is revoked for explain too',
    file: 'src/cli/explain/sources.ts',
    find: 'if (shared !== null) hear(',
    replace: 'if (shared === null) hear(',
    tests: remote,
    covers: [],
  },
]
