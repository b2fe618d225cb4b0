import type { Mutant } from '../../mutant.ts'

const foreign = 'src/authn/bearer/foreign.ts'
const usersTest = ['test/authn/kinds/users.test.ts']
const tokenTest = ['test/authn/kinds/session-token.test.ts']
const secretsTest = ['test/session/embedded/secrets/secrets.test.ts']
const rotationTest = ['test/gateway/credentials/rotation.test.ts']

/** Session tokens as bearers, users whom tokens name, and secrets on their way out. */
export const kinds: readonly Mutant[] = [
  {
    name: 'session-token-signed',
    protection: 'a session token is signed',
    file: 'src/authn/bearer/session-token.ts',
    find: 'readSignedToken(credential, deps.verifySignature)',
    replace: "credential.split('.')[0] ?? null",
    tests: tokenTest,
    covers: [18, 52],
  },
  {
    name: 'session-token-asked-for',
    protection: 'session tokens are accepted where the configuration says so',
    file: 'src/assemble/authn.ts',
    find: '...(sessionTokens ? {',
    replace: '...(true ? {',
    tests: ['test/gateway/credentials/session-tokens.test.ts'],
    covers: [18, 52],
  },
  {
    name: 'user-required',
    protection: 'with requireUser a token names somebody who is there',
    file: foreign,
    find: 'if (user === null) return rejected(unknownUser())',
    replace: 'if (user === null) return authenticated(principal)',
    tests: usersTest,
    covers: [20, 52],
  },
  {
    name: 'user-spelling',
    protection: 'a user is known by one spelling of the id, whatever the database finds',
    file: 'src/session/embedded/users.ts',
    find: 'row?.id === userId ? toUser(row, now()) : null',
    replace: 'row === null ? null : toUser(row, now())',
    tests: ['test/session/embedded/adapter/users.test.ts'],
    covers: [21, 52],
  },
  {
    name: 'session-spelling',
    protection: 'a session is known by one spelling of the id',
    file: 'src/authn/bearer/session-bound.ts',
    find: ' || session.id !== named.sessionId',
    replace: '',
    tests: ['test/authn/own-token.test.ts'],
    covers: [20, 52],
  },
  {
    name: 'user-outage',
    protection: 'a user who cannot be asked for is a 503',
    file: foreign,
    find: "() => rejected(refuse('session_store_unavailable')),",
    replace: '() => authenticated(principal),',
    tests: usersTest,
    covers: [46, 52],
  },
  {
    name: 'token-marks',
    protection: 'a revocation mark ends tokens that nobody can be asked about',
    file: 'src/authn/bearer/reader.ts',
    find: 'if (isRevoked?.(claims) !== true) return null',
    replace: 'return null',
    tests: usersTest,
    covers: [20, 52],
  },
  {
    name: 'grants-configured',
    protection: 'roles and scopes count where a claim is named for them',
    file: 'src/authn/bearer/claims.ts',
    find: 'if (name === null || !Object.hasOwn(claims, name)) return nothing',
    replace: "name ??= 'roles'",
    tests: ['test/authn/kinds/issuers.test.ts'],
    covers: [52],
  },
  {
    name: 'resigned-by-older',
    protection: 'a cookie is signed anew only if an older secret signed it',
    file: 'src/session/embedded/secrets/resign.ts',
    find: 'if (!older.some((key) => key.verifyBase64(signed, signature))) return value',
    replace: '',
    tests: secretsTest,
    covers: [18, 52],
  },
  {
    name: 'resigned-for-better-auth',
    protection: 'Better Auth sees cookies with its current signature, and nobody is signed out',
    file: 'src/session/embedded/open.ts',
    find: "request.headers.set('cookie', rewrite(cookies))",
    replace: '{}',
    tests: rotationTest,
    covers: [47, 52],
  },
  {
    name: 'secret-versions',
    protection: 'the number of a secret says nothing of the key that it is made into',
    file: 'src/session/embedded/secrets/versions.ts',
    find: '`sallyport: version of a secret\\0${secret}`',
    replace: 'secret',
    tests: secretsTest,
    covers: [52],
  },
  {
    name: 'auth-secrets-judged',
    protection: 'every secret of a list is judged',
    file: 'src/config/assemble/checks.ts',
    find: 'Array.isArray(written) ? written.map((_, index) => [...path, index]) : [path]',
    replace: 'Array.isArray(written) ? [[...path, 0]] : [path]',
    tests: ['test/config/cases.test.ts'],
    covers: [48, 52],
  },
]
