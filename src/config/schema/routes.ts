import { z } from 'zod'
import { parseName } from '../values/names.ts'
import { size, text, word } from './build.ts'
import { accessMode, routeAuthSchema } from './route/access.ts'
import { enforceSchema } from './route/enforce.ts'
import { matchSchema } from './route/match.ts'
import { defaultRateLimitSchema, rateLimitSchema } from './route/rate-limit.ts'
import {
  corsSchema,
  headersSchema,
  rewriteSchema,
  routeTimeoutSchema,
  staticSchema,
  websocketSchema,
} from './route/service.ts'

const bodyLimit = size({ min: '0', max: '1024GB' })

export const defaultsSchema = z
  .strictObject({
    auth: accessMode
      .prefault('required')
      .meta({ description: 'The `auth` of routes that do not say it.' }),
    bodyLimit: bodyLimit
      .prefault('1MB')
      .meta({ description: 'The `bodyLimit` of routes that do not say it.' }),
    rateLimit: defaultRateLimitSchema,
  })
  .prefault({})
  .meta({ description: 'What routes inherit.' })

export const routeSchema = z.strictObject({
  name: text(parseName).optional().meta({
    description: 'Unique name in logs, metrics and messages; left out: made from the path.',
  }),
  match: matchSchema,
  upstream: z
    .string()
    .optional()
    .meta({ description: 'A key of `upstreams`; this or `static` must be there.' }),
  static: staticSchema,
  auth: routeAuthSchema,
  bodyLimit: bodyLimit
    .optional()
    .meta({ description: 'Largest request body; left out: `defaults.bodyLimit`.' }),
  rateLimit: rateLimitSchema,
  websocket: websocketSchema,
  timeout: routeTimeoutSchema,
  rewrite: rewriteSchema,
  cors: corsSchema,
  headers: headersSchema,
  upstream401: word(['explain', 'pass']).prefault('explain').meta({
    description:
      'What becomes of a 401 of FastAPI: explain turns it into a problem with a hint, pass leaves it as it is.',
  }),
  enforce: enforceSchema,
})
