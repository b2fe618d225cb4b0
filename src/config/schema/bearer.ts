import { z } from 'zod'
import { parseKeySetUrl } from '../values/address.ts'
import { duration, text, word } from './build.ts'

const secretList = 'expected a secret or a list of secrets'

const algorithms = word([
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
])

const issuerSchema = z.strictObject({
  url: text(parseKeySetUrl).meta({
    description: 'Where the issuer publishes its public keys (JWKS).',
    examples: ['https://auth.example.com/api/auth/jwks'],
  }),
  issuer: z
    .string()
    .min(1)
    .meta({
      description: '`iss` of its tokens, character by character.',
      examples: ['https://auth.example.com'],
    }),
  audience: z
    .string()
    .min(1)
    .meta({
      description: '`aud` that its tokens must have, alone or in a list.',
      examples: ['https://auth.example.com'],
    }),
  algorithms: z
    .array(algorithms)
    .min(1)
    .meta({
      description:
        "The algorithms that its tokens may be signed with. Better Auth's jwt plugin uses EdDSA.",
      examples: [['EdDSA']],
    }),
  userClaim: z.string().min(1).prefault('sub').meta({
    description: 'Claim whose value becomes X-User-Id.',
  }),
  rolesClaim: grants('Claim whose values count as roles; null: none do.'),
  scopesClaim: grants('Claim whose values count as scopes; null: none do.'),
  sessions: z.boolean().prefault(false).meta({
    description:
      'Its tokens name a session of this Better Auth in `sid`, and end with it. Those that name none are refused.',
  }),
})

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
    rolesClaim: grants('Claim of foreign HS256 tokens whose values count as roles; null: none do.'),
    scopesClaim: grants(
      'Claim of foreign HS256 tokens whose values count as scopes; null: none do.',
    ),
    issuer: optionalClaim('`iss` that foreign tokens must have; null: not checked.'),
    audience: optionalClaim('`aud` that foreign tokens must have; null: not checked.'),
    requireUser: z.boolean().prefault(false).meta({
      description: 'A token of another signer must name an existing user who is not banned.',
    }),
    jwks: z
      .array(issuerSchema)
      .prefault([])
      .meta({
        description:
          'Other issuers whose tokens are accepted, verified with the keys that they publish, and replaced by ours.',
        examples: [
          [
            {
              url: 'https://auth.example.com/api/auth/jwks',
              issuer: 'https://auth.example.com',
              audience: 'https://auth.example.com',
              algorithms: ['EdDSA'],
            },
          ],
        ],
      }),
    sessionTokens: z.boolean().prefault(false).meta({
      description:
        'Accept session tokens of Better Auth as bearer tokens, in the signed form that `set-auth-token` has.',
    }),
    apiKeys: z.boolean().prefault(false).meta({
      description: 'Accept API keys of Better Auth in x-api-key, and let users make them.',
    }),
  })
  .prefault({})
  .meta({ description: 'Tokens and keys that clients may bring.' })

function optionalClaim(description: string) {
  return z
    .string()
    .min(1, { error: 'an empty text checks nothing: write null for "not checked"' })
    .nullable()
    .prefault(null)
    .meta({ description })
}

function grants(description: string) {
  return z
    .string()
    .min(1, { error: 'an empty text names no claim: write null for "none"' })
    .nullable()
    .prefault(null)
    .meta({ description })
}
