import { z } from 'zod'
import { parseOrigin } from '../values/address.ts'
import { parsePattern } from '../values/path.ts'
import { parseName } from '../values/names.ts'
import { duration, later, size, text, word } from './build.ts'

const origin = text(parseOrigin).meta({
  description: 'Origin of FastAPI: scheme, host and port.',
  examples: ['http://127.0.0.1:8000'],
})

const timeoutSchema = z
  .strictObject({
    connect: duration({ min: '10ms', max: '10m' })
      .prefault('2s')
      .meta({ description: 'To open a connection.' }),
    firstByte: duration({ min: '10ms', max: '1d' })
      .prefault('30s')
      .meta({ description: 'From the request to the first byte of the answer.' }),
    idle: duration({ min: '10ms', max: '1d' })
      .prefault('60s')
      .meta({ description: 'Between two pieces of the answer.' }),
  })
  .prefault({})
  .meta({ description: 'Deadlines; there is no limit on the whole answer.' })

export const upstreamSchema = z
  .union(
    [
      text(parseOrigin).transform((url) => ({
        url,
        targets: undefined,
        timeout: timeoutSchema.parse(undefined),
      })),
      z.strictObject({
        url: origin.optional(),
        targets: z
          .array(origin)
          .min(1)
          .optional()
          .meta({ description: 'The same as `url`; several targets are not supported yet.' }),
        timeout: timeoutSchema,
        balance: later('How requests are spread over several targets.'),
        health: later('Active health checks.'),
        retry: later('Retries of requests whose connection failed.'),
        breaker: later('When to stop calling a failing target.'),
      }),
    ],
    { error: 'expected an origin such as http://127.0.0.1:8000, or a mapping with `url`' },
  )
  .meta({ description: 'A FastAPI server: its origin, or a mapping.' })

const bodyLimit = size({ min: '0', max: '1024GB' })
const accessMode = word(['required', 'optional', 'none'])

export const defaultsSchema = z
  .strictObject({
    auth: accessMode
      .prefault('required')
      .meta({ description: 'The `auth` of routes that do not say it.' }),
    bodyLimit: bodyLimit
      .prefault('1MB')
      .meta({ description: 'The `bodyLimit` of routes that do not say it.' }),
  })
  .prefault({})
  .meta({ description: 'What routes inherit.' })

const pattern = text(parsePattern).meta({ examples: ['/api/*', '/api/users/{user_id}'] })

const matchSchema = z
  .strictObject({
    path: z
      .union([pattern, z.array(pattern).min(1)], { error: 'expected a path or a list of paths' })
      .meta({
        description:
          'One or more patterns, written decoded: {name} is one segment, a last * is the rest.',
      }),
    methods: z
      .array(word(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
      .min(1)
      .optional()
      .meta({ description: 'Methods of this route; GET implies HEAD. Left out: all of them.' }),
    allow: z
      .array(word(['%2F', '%25', ';']))
      .prefault([])
      .meta({ description: 'Escapes that are refused elsewhere and accepted in this path.' }),
    host: later('Only requests to this host.'),
  })
  .meta({ description: 'Which requests the route serves.' })

const routeAuthSchema = z
  .union(
    [
      accessMode,
      z.strictObject({
        mode: accessMode
          .optional()
          .meta({ description: 'required, optional or none; left out: `defaults.auth`.' }),
        forwardAuthorization: z.boolean().prefault(false).meta({
          description:
            'Only with mode: none: FastAPI receives the Authorization header of the client.',
        }),
        accept: later('The kinds of credentials that are accepted.'),
        roles: later('Roles of which the user needs one.'),
        scopes: later('Scopes that the credential needs.'),
        fresh: later('How recent the sign-in must be.'),
        owner: later('The path parameter that must be the id of the user.'),
        emailVerified: later('Only users with a verified e-mail address.'),
      }),
    ],
    { error: 'expected "required", "optional", "none" or a mapping' },
  )
  .optional()
  .meta({
    description:
      'required: only authenticated requests pass. optional: others pass without identity. none: nothing is read.',
  })

export const routeSchema = z.strictObject({
  name: text(parseName).optional().meta({
    description: 'Unique name in logs, metrics and messages; left out: made from the path.',
  }),
  match: matchSchema,
  upstream: z.string().optional().meta({ description: 'A key of `upstreams`.' }),
  auth: routeAuthSchema,
  bodyLimit: bodyLimit
    .optional()
    .meta({ description: 'Largest request body; left out: `defaults.bodyLimit`.' }),
  upstream401: word(['explain', 'pass']).prefault('explain').meta({
    description:
      'What becomes of a 401 of FastAPI: explain turns it into a problem with a hint, pass leaves it as it is.',
  }),
  websocket: later('Limits of WebSocket connections.'),
  static: later('Files to serve instead of an upstream.'),
  rateLimit: later('How many requests are allowed.'),
  rewrite: later('Changes of the path on its way to the upstream.'),
  cors: later('Other origins that may call this route.'),
  headers: later('Headers to add or to remove.'),
  enforce: later('Only report what would be refused.'),
  timeout: later('Deadlines of this route.'),
})
