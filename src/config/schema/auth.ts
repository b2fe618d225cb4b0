import { z } from 'zod'
import { parseAuthUrl, parseDomain, parseOrigin } from '../values/address.ts'
import { parseCookieName } from '../values/names.ts'
import { parseAuthPath, parseDatabase, parseLoginPage } from '../values/path.ts'
import { duration, text, word } from './build.ts'
import { socialProviders } from './social.ts'

const secretList = 'expected a secret or a list of secrets'

const socialProvider = z.strictObject({
  clientId: z.string().meta({ description: 'Empty: the provider is off.' }),
  clientSecret: z.string().meta({ description: 'Comes from the environment, not from this file.' }),
})

const sessionSchema = z
  .strictObject({
    lifetime: duration({ min: '1m', max: '400d' })
      .prefault('7d')
      .meta({ description: 'How long a session lives after its last extension.' }),
    refreshAfter: duration({ min: '0', max: '400d' })
      .prefault('1d')
      .meta({ description: 'A session older than this is extended when it is used.' }),
    cache: duration({ min: '0', max: '1h' }).prefault('30s').meta({
      description:
        'How long a session is believed from memory. Sign-out and bans take effect at once all the same.',
    }),
    store: word(['database', 'redis']).prefault('database').meta({
      description:
        'Where sessions are kept: in the auth database, or in Redis alone, whose loss signs everybody out.',
    }),
  })
  .prefault({})
  .meta({ description: 'Lifetime of sessions.' })

const signInSchema = z
  .strictObject({
    email: z.boolean().prefault(true).meta({ description: 'Sign in with e-mail and password.' }),
    social: z
      .partialRecord(z.enum(socialProviders), socialProvider)
      .prefault({})
      .meta({
        description: 'Social providers by the names of Better Auth.',
        examples: [{ github: { clientId: '${GITHUB_ID:-}', clientSecret: '${GITHUB_SECRET:-}' } }],
      }),
  })
  .prefault({})
  .meta({ description: 'The ways to sign in.' })

const signUpSchema = z
  .union(
    [
      word(['open', 'closed']),
      z.strictObject({
        domains: z
          .array(text(parseDomain))
          .min(1)
          .meta({ description: 'Only e-mail addresses of these domains may sign up.' }),
      }),
    ],
    { error: 'expected "open", "closed" or a mapping with `domains`' },
  )
  .prefault('open')
  .meta({
    description: 'Who may create an account.',
    examples: ['open', 'closed', { domains: ['example.com'] }],
  })

const shape = {
  mode: word(['embedded', 'remote']).prefault('embedded').meta({
    description:
      'embedded: the gateway hosts Better Auth. remote: it runs elsewhere, at `auth.url`.',
  }),
  path: text(parseAuthPath)
    .prefault('/api/auth')
    .meta({ description: 'Where Better Auth answers; reserved, never proxied.' }),
  secret: z
    .union([z.string(), z.array(z.string()).min(1)], { error: secretList })
    .prefault('${BETTER_AUTH_SECRET:?run `sallyport init` to generate one}')
    .meta({
      description:
        'Signs session cookies. At least 32 random bytes, and never a secret of `bearer`. In a list the first signs and all verify.',
      examples: ['${BETTER_AUTH_SECRET}', ['${BETTER_AUTH_SECRET}', '${BETTER_AUTH_SECRET_OLD}']],
    }),
  database: text(parseDatabase)
    .prefault('${DATABASE_URL:-sqlite:./data/auth.db}')
    .meta({
      description:
        'Where users and sessions are kept: sqlite: and a path relative to this file, a postgres:// URL, or :memory:.',
      examples: ['sqlite:./data/auth.db', '${DATABASE_URL}', ':memory:'],
    }),
  module: z
    .string()
    .min(1)
    .nullable()
    .prefault(null)
    .meta({
      description:
        'A file that exports your own Better Auth options (plugins, providers, mail), relative to this file.',
      examples: ['./auth.ts'],
    }),
  session: sessionSchema,
  signIn: signInSchema,
  signUp: signUpSchema,
  loginPage: text(parseLoginPage)
    .prefault('/_gateway/login')
    .meta({
      description:
        'Where browsers are sent to sign in, with ?return_to=; a path or an http(s) URL.',
      examples: ['/login'],
    }),
  trustedOrigins: z
    .array(text(parseOrigin))
    .prefault([])
    .meta({
      description: 'Origins besides publicUrl that may send requests with cookies.',
      examples: [['https://admin.example.com']],
    }),
  url: text<string | null>((value) => (value === '' ? { value: null } : parseAuthUrl(value)))
    .nullable()
    .prefault(null)
    .meta({
      description:
        'With mode: remote, where Better Auth runs: an http(s) origin; `auth.path` follows it.',
      examples: ['http://auth:3000'],
    }),
  cookie: text<string | null>((value) => (value === '' ? { value: null } : parseCookieName(value)))
    .nullable()
    .prefault(null)
    .meta({
      description:
        'With mode: remote, the exact name of the session cookie. null: as Better Auth names it, with __Secure- before it where publicUrl is https.',
      examples: ['__Secure-better-auth.session_token'],
    }),
  pushSecret: z
    .string()
    .nullable()
    .prefault(null)
    .meta({
      description:
        'With mode: remote, the secret of the plugin `sallyport/better-auth` there, which tells of revocations. null: none are accepted.',
      examples: ['${SALLYPORT_PUSH_SECRET}'],
    }),
}

export const authSchema = z
  .strictObject(shape)
  .prefault({})
  .meta({ description: 'Better Auth: accounts, sessions and the ways to sign in.' })

const decidedElsewhere = z.unknown().optional()

/** How the section is read with `mode: remote`. What only a Better Auth of our own has is not looked at: it is refused by its key. */
export const remoteAuthSchema = z
  .strictObject({
    ...shape,
    secret: shape.secret.unwrap().optional(),
    database: decidedElsewhere,
    module: decidedElsewhere,
    signIn: decidedElsewhere,
    signUp: decidedElsewhere,
  })
  .prefault({})

/** Whether the default of this key of the section is asked for only where Better Auth is our own. */
export function isEmbeddedOnly(key: string | number | undefined): boolean {
  return key === 'secret' || key === 'database'
}
