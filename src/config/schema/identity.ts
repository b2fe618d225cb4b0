import { z } from 'zod'
import { knownSources } from '../../assertion/sources.ts'
import type { UserField } from '../types.ts'
import { parseAddedField, parseScheme } from '../values/identity.ts'
import { duration, text, word } from './build.ts'

const known = z.enum(knownSources)
const expected = expectedOf(knownSources)
const source = z.union([known, added(expected, knownSources)], { error: expected })
const subjects = ['user.id', 'user.email', 'user.externalId'] as const satisfies UserField[]
const expectedSubject = `${expectedOf(subjects)} or a field that auth.module adds`

const oneClaim = z.union(
  [
    known,
    added(`${expected}; a constant is { value: … }`, knownSources),
    z.strictObject({
      source: source.optional().meta({ description: 'Where the value comes from.' }),
      as: word(['text', 'integer', 'list'])
        .optional()
        .meta({ description: 'With `source`: as a number, or as a list of what commas separate.' }),
      value: z
        .union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
          error: 'expected a text, a number, true, false or a list of texts',
        })
        .optional()
        .meta({ description: 'A constant, the same for everybody.' }),
    }),
  ],
  { error: expected },
)

const onlyCustom = 'Only with profile: custom.'

const dialectShape = {
  scheme: text(parseScheme)
    .optional()
    .meta({ description: `${onlyCustom} What stands before the token. Left out: Bearer.` }),
  issuer: z
    .string()
    .min(1)
    .optional()
    .meta({ description: `${onlyCustom} The claim \`iss\`. Left out: there is none.` }),
  audience: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
      error: 'expected a text or a list of texts',
    })
    .optional()
    .meta({
      description: `${onlyCustom} The claim \`aud\`, as it is written. Left out: there is none; PyJWT and python-jose refuse one that they did not ask for.`,
      examples: ['my-api', ['my-api', 'reports']],
    }),
  subjectClaim: z
    .string()
    .optional()
    .meta({
      description: `${onlyCustom} The claim that holds the subject. Left out: sub. With another one, \`claims\` may say what \`sub\` is.`,
      examples: ['user_id'],
    }),
  standardClaims: z
    .array(word(['iat', 'nbf', 'sid', 'jti']))
    .optional()
    .meta({
      description: `${onlyCustom} Which registered claims there are besides the subject and exp. Left out: [iat, sid]. With jti no token is used twice.`,
    }),
}

const tokenSchema = z.strictObject({
  profile: word(['default', 'fastapi-users', 'realworld', 'custom']).prefault('default').meta({
    description:
      'The dialect of the token (docs/fastapi.md). default: what PyJWT and python-jose accept. fastapi-users: with its audience. realworld: scheme Token, the subject in `username`. custom: what the other keys say.',
  }),
  ttl: duration({ min: '5s', max: '10m' })
    .prefault('60s')
    .meta({ description: 'Lifetime of the token that FastAPI receives.' }),
  subject: z
    .union([z.enum(subjects), added(expectedSubject, subjects)], { error: expectedSubject })
    .prefault('user.id')
    .meta({
      description:
        'By what FastAPI knows its users. Who has none is refused, never named otherwise: 403 `subject_missing`, or `email_not_verified`. X-User-Id is always user.id.',
      examples: ['user.externalId'],
    }),
  claims: z
    .record(z.string(), oneClaim)
    .prefault({ email: 'user.email' })
    .meta({
      description:
        'Further claims, by name: a source or a constant. What has no value is left out. `scope` is for sessions: API keys and upgraded tokens have their own.',
      examples: [{ email: 'user.email', type: { value: 'access' } }],
    }),
  ...dialectShape,
})

/** A field that Better Auth's own configuration adds to its users; whether it does is judged where that is known. */
function added(problem: string, known: readonly string[]) {
  return text((written) => parseAddedField(written, problem, known))
}

function expectedOf(words: readonly string[]): string {
  return `expected ${words.map((each) => JSON.stringify(each)).join(', ')}`
}

export const identitySchema = z
  .strictObject({
    headers: z
      .record(z.string(), source)
      .prefault({ 'X-User-Id': 'user.id', 'X-User-Email': 'user.email' })
      .meta({
        description:
          'Headers that tell FastAPI who is calling. X-User-Id is always sent, even if not listed; so is X-Impersonated-By while an administrator acts in the name of the user. Besides the sources of this gateway, `user.<field>` is a field that `auth.module` or a remote Better Auth adds to its users.',
      }),
    token: z
      .union([z.literal('none'), tokenSchema], { error: 'expected "none" or a mapping' })
      .prefault({})
      .meta({ description: 'The HS256 token that FastAPI receives; "none": no token.' }),
  })
  .prefault({})
  .meta({ description: 'What FastAPI sees of the caller.' })
