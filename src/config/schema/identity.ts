import { z } from 'zod'
import { duration, later, word } from './build.ts'

const secretList = 'expected a secret or a list of secrets'

export const bearerSchema = z
  .strictObject({
    secret: z
      .union([z.string(), z.array(z.string()).min(1)], { error: secretList })
      .prefault('${JWT_SECRET:?the secret your FastAPI app verifies with}')
      .meta({
        description: 'HS256 secret shared with FastAPI. In a list the first signs and all verify.',
        examples: ['${JWT_SECRET}', ['${JWT_SECRET}', '${JWT_SECRET_OLD}']],
      }),
    ttl: duration({ min: '10s', max: '24h' })
      .prefault('15m')
      .meta({ description: 'Lifetime of the tokens that /_gateway/token gives to browsers.' }),
    maxLifetime: duration({ min: '1m', max: '400d' })
      .prefault('24h')
      .meta({ description: 'A bearer token that lives longer is refused.' }),
    userClaim: z.string().min(1).prefault('sub').meta({
      description: 'Claim of foreign HS256 tokens whose value becomes X-User-Id.',
    }),
    issuer: optionalClaim('`iss` that foreign tokens must have; null: not checked.'),
    audience: optionalClaim('`aud` that foreign tokens must have; null: not checked.'),
    requireUser: later('The token must name an existing user who is not banned.'),
    jwks: later('Other issuers to accept.'),
    sessionTokens: later('Accept Better Auth session tokens as bearer tokens.'),
    apiKeys: later('Accept API keys of Better Auth.'),
  })
  .prefault({})
  .meta({ description: 'Tokens that clients may bring in Authorization: Bearer.' })

function optionalClaim(description: string) {
  return z
    .string()
    .min(1, { error: 'an empty text checks nothing: write null for "not checked"' })
    .nullable()
    .prefault(null)
    .meta({ description })
}

const source = word(['user.id', 'user.email', 'user.name', 'user.role', 'user.image', 'session.id'])

const tokenSchema = z.strictObject({
  profile: word(['default'], ['fastapi-users', 'realworld', 'custom'])
    .prefault('default')
    .meta({ description: 'The dialect of the token: claims and scheme.' }),
  ttl: duration({ min: '5s', max: '10m' })
    .prefault('60s')
    .meta({ description: 'Lifetime of the token that FastAPI receives.' }),
  claims: z
    .record(z.string(), source)
    .prefault({ email: 'user.email' })
    .meta({ description: 'Claims besides sub, iat, exp and sid.' }),
  subject: later('Another field of the user as `sub`.'),
})

export const identitySchema = z
  .strictObject({
    headers: z
      .record(z.string(), source)
      .prefault({ 'X-User-Id': 'user.id', 'X-User-Email': 'user.email' })
      .meta({
        description:
          'Headers that tell FastAPI who is calling. X-User-Id is always sent, even if not listed.',
      }),
    token: z
      .union([z.literal('none'), tokenSchema], { error: 'expected "none" or a mapping' })
      .prefault({})
      .meta({ description: 'The HS256 token that FastAPI receives; "none": no token.' }),
  })
  .prefault({})
  .meta({ description: 'What FastAPI sees of the caller.' })
