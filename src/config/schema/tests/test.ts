import { z } from 'zod'
import { endpoints } from '../../../routing/compile.ts'
import { parseRole, parseScope } from '../../values/access.ts'
import { parseHost } from '../../values/address.ts'
import {
  parseCode,
  parseRequestLine,
  parseRequestPath,
  parseUserId,
} from '../../values/tests/request.ts'
import { count, duration, text, word } from '../build.ts'

const method = word(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const requestSchema = z
  .union(
    [
      text(parseRequestLine),
      z.strictObject({
        method: method.prefault('GET').meta({ description: 'Method of the request.' }),
        path: text(parseRequestPath).meta({
          description: 'Path with its query, as it is sent; or an absolute URL, for its host.',
        }),
        headers: z
          .record(z.string(), z.string())
          .prefault({})
          .meta({
            description: 'Further headers.',
            examples: [{ Origin: 'https://other.example' }],
          }),
        host: text(parseHost)
          .optional()
          .meta({ description: 'The `Host`; left out: that of `server.publicUrl`.' }),
        from: z
          .string()
          .prefault('127.0.0.1')
          .meta({ description: 'The address of the client, as `trustedProxies` lets it be seen.' }),
        navigation: z
          .boolean()
          .prefault(false)
          .meta({ description: 'A person opens it in a browser.' }),
        websocket: z.boolean().prefault(false).meta({ description: 'A WebSocket handshake.' }),
      }),
    ],
    { error: 'expected a request such as "GET /api/items" or a mapping with `path`' },
  )
  .meta({
    description: 'What is asked.',
    examples: ['GET /api/items', { path: '/', navigation: true }],
  })

const callerSchema = z
  .union(
    [
      z.literal('anonymous'),
      z.strictObject({
        user: text(parseUserId).meta({ description: 'Id of the user.', examples: ['ada'] }),
        via: word(['session', 'bearer', 'apiKey'])
          .prefault('session')
          .meta({ description: 'What proves them.' }),
        roles: z.array(text(parseRole)).prefault([]).meta({ description: 'Roles that count.' }),
        scopes: z
          .array(text(parseScope))
          .prefault([])
          .meta({ description: 'Scopes of their token or key.' }),
        email: z.string().nullable().prefault(null).meta({ description: 'Their e-mail address.' }),
        emailVerified: z.boolean().prefault(false).meta({ description: 'It is verified.' }),
        organization: z
          .strictObject({
            id: z.string().min(1).meta({ description: 'Id of the organisation.' }),
            role: text(parseRole)
              .prefault('member')
              .meta({ description: 'Role of the user in it.' }),
          })
          .nullable()
          .prefault(null)
          .meta({ description: 'The active organisation of their session.' }),
        sessionAge: duration({ min: '0', max: '400d' })
          .prefault('0')
          .meta({ description: 'How long ago they signed in.' }),
        banned: z.boolean().prefault(false).meta({ description: 'They are banned.' }),
        externalId: z
          .string()
          .min(1)
          .nullable()
          .prefault(null)
          .meta({ description: 'How FastAPI knows them, where that is another id.' }),
      }),
    ],
    { error: 'expected "anonymous" or a mapping with `user`' },
  )
  .prefault('anonymous')
  .meta({
    description: 'Who asks; made up.',
    examples: ['anonymous', { user: 'ada', roles: ['admin'] }],
  })

const expectSchema = z
  .strictObject({
    decision: word(['forward', 'static', 'endpoint', 'preflight', 'refuse'])
      .optional()
      .meta({ description: 'What becomes of it.' }),
    route: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Name of the route that is chosen; null: none.' }),
    endpoint: word(['auth', ...typedKeys(endpoints)])
      .optional()
      .meta({ description: 'The endpoint of the gateway that answers; auth: below `auth.path`.' }),
    status: count({ min: 100, max: 599 })
      .optional()
      .meta({ description: 'Status of an answer that the gateway gives.' }),
    code: text(parseCode)
      .optional()
      .meta({ description: 'Code of the refusal.', examples: ['credential_missing'] }),
    action: word(['none', 'login', 'refresh', 'retry'])
      .optional()
      .meta({ description: 'What the refusal tells the browser to do.' }),
    upstream: z.string().optional().meta({ description: 'Name of the upstream that gets it.' }),
    path: z
      .string()
      .optional()
      .meta({ description: 'Path and query as FastAPI gets them.', examples: ['/items?page=2'] }),
    file: z
      .string()
      .optional()
      .meta({ description: 'File that is sent, below `static.dir`.', examples: ['index.html'] }),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description:
          'Headers that FastAPI gets: `present`, `absent`, or the value. Credentials can only be present or absent.',
        examples: [{ 'X-User-Id': 'ada', Authorization: 'present', Cookie: 'absent' }],
      }),
    token: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description: 'Claims of the token that FastAPI gets; null: the claim is not there.',
        examples: [{ sub: 'ada' }],
      }),
    login: z
      .string()
      .optional()
      .meta({ description: 'Where the answer sends a person to sign in.' }),
    observed: text(parseCode)
      .nullable()
      .optional()
      .meta({ description: 'What a route that does not enforce would have refused with.' }),
  })
  .meta({ description: 'What must be so. What is left out is not looked at.' })

export const testSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'What it shows; left out: made from the request.' }),
  request: requestSchema,
  as: callerSchema,
  expect: expectSchema,
})

export const testsSchema = z.array(testSchema).prefault([]).meta({
  description:
    'Requests and what must become of them, for `sallyport test`. A gateway that runs does not look at them.',
})

function typedKeys<const T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value) as (keyof T & string)[]
}
