import { z } from 'zod'
import { parseOrigin } from '../../values/address.ts'
import { parseHeaderValue } from '../../values/headers.ts'
import { parseFallback, parsePrefix } from '../../values/path.ts'
import { duration, filePath, size, text } from '../build.ts'
import { deadlines } from '../upstreams.ts'

export const staticSchema = z
  .strictObject({
    dir: filePath('The folder, relative to this file.', ['./web/dist']),
    fallback: text(parseFallback)
      .nullable()
      .prefault(null)
      .meta({
        description:
          'File below `dir` for navigations to paths where no file is: the page of a single-page app.',
        examples: ['index.html'],
      }),
  })
  .optional()
  .meta({ description: 'Files to serve instead of an upstream, to GET and HEAD.' })

export const rewriteSchema = z
  .strictObject({
    stripPrefix: text(parsePrefix).meta({
      description:
        'Beginning of the path that FastAPI does not see. Every pattern of the route is at or under it.',
      examples: ['/reports'],
    }),
  })
  .optional()
  .meta({ description: 'Changes of the path on its way to the upstream.' })

export const routeTimeoutSchema = z
  .strictObject({
    firstByte: deadlines.firstByte.optional(),
    idle: deadlines.idle.optional(),
    stream: deadlines.stream.optional(),
  })
  .optional()
  .meta({ description: 'Deadlines of this route instead of those of its upstream.' })

export const websocketMapping = z.strictObject({
  maxMessage: size({ min: '1B', max: '1GB' })
    .prefault('1MB')
    .meta({ description: 'Largest message, in either direction.' }),
  idle: duration({ min: '0', max: '1d' }).prefault('60s').meta({
    description:
      'Without a frame from either side for this long, both are pinged; without an answer for as long again, the connection ends. 0: never.',
  }),
})

export const websocketSchema = z
  .union([z.boolean(), websocketMapping], { error: 'expected true, false or a mapping' })
  .nullable()
  .optional()
  .meta({
    description:
      'Whether the route accepts WebSocket connections; `true`: with the defaults. Left out: it does not.',
    examples: [true, { maxMessage: '256KB', idle: '60s' }],
  })

export const corsSchema = z
  .strictObject({
    origins: z
      .array(text(parseOrigin))
      .min(1)
      .meta({
        description:
          'Origins whose pages may read the answers. Cookies are only allowed to those that are in `auth.trustedOrigins` too.',
        examples: [['https://partner.example.com']],
      }),
  })
  .optional()
  .meta({
    description: 'Other origins that may call this route from a browser; preflights are answered.',
  })

const headerChanges = z.record(z.string(), text(parseHeaderValue).nullable())

export const headersSchema = z
  .strictObject({
    request: headerChanges.prefault({}).meta({
      description: 'Towards FastAPI.',
      examples: [{ 'X-Tenant': 'acme', 'X-Debug': null }],
    }),
    response: headerChanges.prefault({}).meta({
      description: 'Towards the client.',
      examples: [{ 'Cache-Control': 'no-store' }],
    }),
  })
  .prefault({})
  .meta({ description: 'Headers to set, by name; null removes the header.' })
