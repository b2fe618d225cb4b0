import { z } from 'zod'
import { parseDomain, parseOrigin } from '../values/address.ts'
import { parseAuthPath, parseDatabase, parseLoginPage } from '../values/path.ts'
import { duration, later, text, word } from './build.ts'
import { socialProviders } from './social.ts'

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

export const authSchema = z
  .strictObject({
    mode: word(['embedded'], ['remote'])
      .prefault('embedded')
      .meta({ description: 'embedded: the gateway hosts Better Auth.' }),
    path: text(parseAuthPath)
      .prefault('/api/auth')
      .meta({ description: 'Where Better Auth answers; reserved, never proxied.' }),
    secret: z
      .string()
      .prefault('${BETTER_AUTH_SECRET:?run `sallyport init` to generate one}')
      .meta({
        description:
          'Signs session cookies. At least 32 random bytes, and never a secret of `bearer`.',
      }),
    database: text(parseDatabase)
      .prefault('${DATABASE_URL:-sqlite:./data/auth.db}')
      .meta({
        description:
          'Where users and sessions are kept: sqlite: and a path relative to this file, or :memory:.',
        examples: ['sqlite:./data/auth.db', ':memory:'],
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
    url: later('Address of Better Auth with mode: remote.'),
    cookie: later('Name of the session cookie with mode: remote.'),
    pushSecret: later('Secret of the revocation pushes with mode: remote.'),
  })
  .prefault({})
  .meta({ description: 'Better Auth: accounts, sessions and the ways to sign in.' })
