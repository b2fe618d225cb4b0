import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { jwtSecret, mint } from '../../helper/token.ts'
import { sql } from '../../session/calls.ts'
import { pythonEval } from '../python.ts'

// Tokens that a running gateway has issued, in the hands of those who have to accept them. Each verifier is called as an
// application calls it that knows nothing of a gateway; what it answers is its claims, or null where it refuses.

const script = `
import asyncio, json, sys, uuid
import jwt
from jose import jwt as jose
from fastapi_users import BaseUserManager, UUIDIDMixin, exceptions
from fastapi_users.authentication import JWTStrategy

given = json.load(sys.stdin)
secret = given["secret"]

class Users:
    async def get(self, id):
        return {"id": str(id)} if str(id) in given["users"] else None

class Manager(UUIDIDMixin, BaseUserManager):
    pass

def with_pyjwt(token, **more):
    return jwt.decode(token, secret, algorithms=["HS256"], **more)

def with_jose(token, **more):
    return jose.decode(token, secret, algorithms=["HS256"], **more)

def with_strategy(token):
    strategy = JWTStrategy(secret=secret, lifetime_seconds=3600)
    return asyncio.run(strategy.read_token(token, Manager(Users())))

def strict(token):
    options = {"require": ["exp", "iat", "nbf", "jti", "iss", "aud", "sub"]}
    return with_pyjwt(token, audience="api", issuer="https://app.example.com", options=options)

def strict_jose(token):
    return with_jose(token, audience="api", issuer="https://app.example.com", options={"require_jti": True, "require_nbf": True})

verifiers = {
    "PyJWT": with_pyjwt,
    "python-jose": with_jose,
    "fastapi-users": with_strategy,
    "PyJWT, strict": strict,
    "python-jose, strict": strict_jose,
}

def outcome(verify, token):
    try:
        return verify(token)
    except (jwt.PyJWTError, jose.JWTError):
        return None

print(json.dumps({name: [outcome(verify, token) for token in given["tokens"]] for name, verify in verifiers.items()}))
`

type Outcomes = Readonly<Record<string, readonly (Record<string, unknown> | null)[]>>

async function verify(
  t: Test,
  tokens: readonly string[],
  users: readonly string[],
): Promise<Outcomes | null> {
  const printed = await pythonEval(t, {
    script,
    input: JSON.stringify({ secret: jwtSecret, tokens, users }),
    modules: ['jwt', 'jose', 'fastapi_users'],
  })
  return printed === null ? null : (JSON.parse(printed) as Outcomes)
}

interface Issued {
  readonly id: string
  readonly externalId: string
  readonly scheme: string
  readonly token: string
}

/** What FastAPI gets of somebody who has just signed up. */
async function issue(t: Test, tokenYaml: string): Promise<Issued> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: `identity: { token: ${tokenYaml} }`,
  })
  const { id, cookie } = await signUp(gateway)
  const externalId = randomUUID()
  sql(gateway, 'UPDATE user SET externalId = ?', externalId)
  await gateway.request('/api/x', { headers: { cookie } })
  const [scheme = '', token = ''] = (backend.seen[0]?.headers.authorization ?? '').split(' ')
  return { id, externalId, scheme, token }
}

function claimsIn(token: string): Record<string, unknown> {
  const [, claims = ''] = token.split('.')
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
}

/** The same token in the hands of somebody who does not know the secret. */
function tampered(token: string): readonly string[] {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const promoted = encode({ ...claimsIn(token), sub: randomUUID(), username: 'root' })
  const { exp, ...endless } = claimsIn(token)
  return [
    [header, promoted, signature].join('.'),
    [header, encode({ ...endless, exp: Number(exp) + 3600 }), signature].join('.'),
    [header, claims, signature.slice(0, -4)].join('.'),
    [header, claims, ''].join('.'),
    [encode({ alg: 'none', typ: 'sallyport+jwt' }), claims, ''].join('.'),
    mint(claimsIn(token), { secret: 'another secret of more than 32 bytes' }),
    mint({ ...claimsIn(token), exp: Math.floor(Date.now() / 1000) - 1 }),
  ]
}

interface Dialect {
  readonly yaml: string
  readonly scheme: string
  readonly accepts: readonly string[]
  /** What those who decode it read besides times and session; what JWTStrategy answers with is a user. */
  readonly reads: (issued: Issued) => Record<string, unknown>
}

const dialects: Readonly<Record<string, Dialect>> = {
  default: {
    yaml: '{}',
    scheme: 'Bearer',
    accepts: ['PyJWT', 'python-jose'],
    reads: ({ id }) => ({ sub: id, sid: String }),
  },
  'default, by the id of the old user table': {
    yaml: '{ subject: user.externalId }',
    scheme: 'Bearer',
    accepts: ['PyJWT', 'python-jose'],
    reads: ({ externalId }) => ({ sub: externalId }),
  },
  'fastapi-users': {
    yaml: '{ profile: fastapi-users }',
    scheme: 'Bearer',
    accepts: ['fastapi-users'],
    reads: ({ id }) => ({ id }),
  },
  'fastapi-users, by the id of the old user table': {
    yaml: '{ profile: fastapi-users, subject: user.externalId }',
    scheme: 'Bearer',
    accepts: ['fastapi-users'],
    reads: ({ externalId }) => ({ id: externalId }),
  },
  realworld: {
    yaml: '{ profile: realworld }',
    scheme: 'Token',
    accepts: ['PyJWT', 'python-jose'],
    reads: ({ id }) => ({ sub: 'access', username: id }),
  },
  'custom, of an application that asks for everything': {
    yaml: '{ profile: custom, issuer: "https://app.example.com", audience: api, standardClaims: [iat, nbf, jti], claims: { type: { value: access }, fresh: { value: true } } }',
    scheme: 'Bearer',
    accepts: ['PyJWT, strict', 'python-jose, strict'],
    reads: ({ id }) => ({ sub: id, aud: 'api', type: 'access', fresh: true, jti: String }),
  },
  'custom, of an application that asks for nothing': {
    yaml: '{ profile: custom, scheme: JWT, subjectClaim: user_id, standardClaims: [], claims: { sub: { value: access } } }',
    scheme: 'JWT',
    accepts: ['PyJWT', 'python-jose'],
    reads: ({ id }) => ({ sub: 'access', user_id: id }),
  },
}

for (const [name, dialect] of Object.entries(dialects)) {
  t.test(`${name}: who has to accept the token does, and nobody a tampered one`, async (t) => {
    const issued = await issue(t, dialect.yaml)
    t.equal(issued.scheme, dialect.scheme)
    const tokens = [issued.token, ...tampered(issued.token)]
    const outcomes = await verify(t, tokens, [issued.id, issued.externalId])
    if (outcomes === null) return
    t.same(Object.keys(outcomes).length, 5)
    for (const [verifier, [ours, ...others]] of Object.entries(outcomes)) {
      const isMeant = dialect.accepts.includes(verifier)
      if (isMeant) t.match(ours, dialect.reads(issued), verifier)
      else t.equal(ours, null, `${verifier} asks for another dialect`)
      t.strictSame([...new Set(others)], [null], `${verifier}, tampered`)
    }
  })
}

t.test('a token whose user fastapi-users does not know names nobody', async (t) => {
  const { token } = await issue(t, '{ profile: fastapi-users }')
  const outcomes = await verify(t, [token], [randomUUID()])
  if (outcomes !== null) t.strictSame(outcomes['fastapi-users'], [null])
})
