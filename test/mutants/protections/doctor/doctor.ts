import type { Mutant } from '../../mutant.ts'

const scripts = 'src/assertion/script-token.ts'
const openapi = 'src/doctor/upstream/openapi.ts'
const looking = 'src/session/embedded/store/look.ts'
const tokens = ['test/doctor/token.test.ts']
const units = ['test/assertion/script-token.test.ts']
const judges = ['test/doctor/judges/judges.test.ts']

/** What the doctor leaves alone, and what a token for scripts cannot say. */
export const doctor: readonly Mutant[] = [
  {
    name: 'script-token-lifetime',
    protection: 'a token for scripts lives no longer than bearer.maxLifetime from iat on',
    file: scripts,
    find: 'iat + Math.floor(bearer.maxLifetimeMs / 1000),',
    replace: 'Infinity,',
    tests: units,
    covers: [],
  },
  {
    name: 'script-token-user',
    protection: 'a claim that was asked for does not replace the user who was named',
    file: scripts,
    find: '    [bearer.userClaim]: userId,\n',
    replace: '    [bearer.userClaim]: options.claims[bearer.userClaim] ?? userId,\n',
    tests: units,
    covers: [],
  },
  {
    name: 'script-token-claims',
    protection: 'what says until when a token counts cannot be asked for',
    file: 'src/cli/commands/doctor.ts',
    find: 'if (ownClaims.includes(name))',
    replace: 'if (false)',
    tests: tokens,
    covers: [],
  },
  {
    name: 'doctor-paths',
    protection: 'of a description by somebody else only paths are asked for that are paths',
    file: openapi,
    find: '!path.test(name) ||',
    replace: '',
    tests: judges,
    covers: [],
  },
  {
    name: 'doctor-acts',
    protection: 'the doctor asks for nothing that sounds as if it did something',
    file: openapi,
    find: ' && !acts.test(name)',
    replace: '',
    tests: judges,
    covers: [],
  },
  {
    name: 'doctor-shown',
    protection: 'what others send reaches the terminal without controls',
    file: 'src/doctor/wire/shown.ts',
    find: "text.replace(unsafe, ' ')",
    replace: 'text',
    tests: judges,
    covers: [],
  },
  {
    name: 'doctor-leaves-no-trace',
    protection: 'looking at an SQLite file makes no file beside it',
    file: looking,
    find: "url.searchParams.set('immutable', '1')",
    replace: "url.searchParams.set('immutable', '0')",
    tests: ['test/doctor/fastapi.test.ts'],
    covers: [],
  },
]
