import { z } from 'zod'
import { parseHostName, parseOrigin } from '../values/address.ts'
import { parseProbePath } from '../values/path.ts'
import { count, duration, filePath, percentage, text, word } from './build.ts'

const origin = text(parseOrigin).meta({
  description: 'Origin of FastAPI: scheme, host and port.',
  examples: ['http://127.0.0.1:8000'],
})

/** The deadlines that routes may have of their own too. */
export const deadlines = {
  firstByte: duration({ min: '10ms', max: '1d' }).meta({
    description: 'From the request to the first byte of the answer.',
  }),
  idle: duration({ min: '10ms', max: '1d' }).meta({
    description: 'Between two pieces of an answer that is no event stream.',
  }),
  stream: duration({ min: '0', max: '30d' }).meta({
    description: 'Between two pieces of an event stream; 0: never.',
  }),
}

const timeoutSchema = z
  .strictObject({
    connect: duration({ min: '10ms', max: '10m' })
      .prefault('2s')
      .meta({ description: 'To open a connection, TLS included.' }),
    firstByte: deadlines.firstByte.prefault('30s'),
    idle: deadlines.idle.prefault('60s'),
    stream: deadlines.stream.prefault('1h'),
  })
  .prefault({})
  .meta({ description: 'Deadlines; there is no limit on the whole answer.' })

const healthSchema = z
  .strictObject({
    path: text(parseProbePath).meta({
      description: 'Path that is asked for with GET; any 2xx or 3xx is healthy.',
      examples: ['/health'],
    }),
    interval: duration({ min: '10ms', max: '1h' })
      .prefault('5s')
      .meta({ description: 'Between two checks of a target.' }),
    timeout: duration({ min: '10ms', max: '10m' })
      .prefault('2s')
      .meta({ description: 'How long a check may take.' }),
    unhealthyAfter: count({ min: 1, max: 100 })
      .prefault(3)
      .meta({ description: 'Failures in a row until a target gets no more requests.' }),
    healthyAfter: count({ min: 1, max: 100 })
      .prefault(2)
      .meta({ description: 'Successes in a row until it gets requests again.' }),
  })
  .nullable()
  .prefault(null)
  .meta({
    description:
      'Active health checks; null: targets are only judged by how requests to them fare.',
  })

const retrySchema = z
  .strictObject({
    attempts: count({ min: 0, max: 5 }).prefault(1).meta({
      description:
        'How often a body-less idempotent request whose connection failed is tried again, on another target if there is one.',
    }),
  })
  .prefault({})
  .meta({ description: 'Retries of requests whose connection failed before a byte was sent.' })

const breakerSchema = z
  .union(
    [
      z.literal('none'),
      z.strictObject({
        errors: percentage({ min: '1%', max: '100%' }).prefault('50%').meta({
          description:
            'Share of failures at which it opens: connections that fail, time-outs, answers that are no HTTP. A 5xx of FastAPI is an answer.',
        }),
        window: duration({ min: '1s', max: '10m' })
          .prefault('10s')
          .meta({ description: 'The time over which failures are counted.' }),
        minimum: count({ min: 1, max: 1_000_000 })
          .prefault(20)
          .meta({ description: 'Requests in the window below which it never opens.' }),
        open: duration({ min: '10ms', max: '10m' })
          .prefault('5s')
          .meta({ description: 'How long it stays open until one request may try.' }),
      }),
    ],
    { error: 'expected "none" or a mapping' },
  )
  .prefault({})
  .meta({
    description:
      'When to stop calling an upstream that fails, and answer 503 at once; "none": never.',
  })

const tlsSchema = z
  .strictObject({
    ca: filePath('PEM file with the authorities to believe instead of the system’s.', [
      './ca.pem',
    ]).optional(),
    cert: filePath('PEM file with the certificate that the gateway shows.').optional(),
    key: filePath('PEM file with the key of `cert`.').optional(),
    serverName: text(parseHostName).optional().meta({
      description: 'The name that the certificate must have; left out: the host of the target.',
    }),
  })
  .optional()
  .meta({ description: 'TLS towards https targets; their certificate is always verified.' })

const upstreamMapping = z.strictObject({
  url: origin.optional(),
  targets: z
    .array(origin)
    .min(1)
    .optional()
    .meta({
      description: 'Several servers that do the same, instead of `url`; all of one scheme.',
      examples: [['http://reports-1:8000', 'http://reports-2:8000']],
    }),
  balance: word(['round-robin', 'least-pending'])
    .prefault('round-robin')
    .meta({ description: 'How requests are spread over several targets.' }),
  health: healthSchema,
  timeout: timeoutSchema,
  retry: retrySchema,
  breaker: breakerSchema,
  maxInFlight: count({ min: 1, max: 1_000_000 }).prefault(1024).meta({
    description:
      'Requests under way at once; one more is a 503. Streams do not count once they have begun.',
  }),
  sessionCookie: word(['strip', 'forward']).prefault('strip').meta({
    description:
      '`forward`: this is the application that Better Auth runs in (`auth.mode: remote`), so the session cookie travels to it, and it may set that cookie.',
  }),
  tls: tlsSchema,
})

export const upstreamSchema = z
  .union([text(parseOrigin).transform((url) => upstreamMapping.parse({ url })), upstreamMapping], {
    error: 'expected an origin such as http://127.0.0.1:8000, or a mapping with `url`',
  })
  .meta({ description: 'A FastAPI server: its origin, or a mapping.' })
