import { z } from 'zod'
import {
  parseHost,
  parseListen,
  parseNetwork,
  parseOrigin,
  parseRedisUrl,
} from '../values/address.ts'
import { parseTitle, parseToken } from '../values/names.ts'
import { parseImageFile } from '../values/path.ts'
import { count, duration, filePath, text, textOrNumber, word } from './build.ts'

const listenExpected = 'expected host:port or a port'

const tlsSchema = z
  .strictObject({
    cert: filePath('PEM file with the certificate and those that lead to its authority.', [
      './tls.crt',
    ]),
    key: filePath('PEM file with the key of the certificate.', ['./tls.key']),
  })
  .nullable()
  .prefault(null)
  .meta({
    description:
      'Serves HTTPS without a proxy in front; the files are read again when they change. null: plain HTTP.',
  })

const limitsSchema = z
  .strictObject({
    connections: count({ min: 1, max: 1_000_000 })
      .prefault(16_384)
      .meta({ description: 'Open connections to the public port.' }),
    requestsPerClient: count({ min: 1, max: 1_000_000 }).prefault(256).meta({
      description:
        'Requests of one client that are under way at once; one more is a 503. Streams do not count once they have begun.',
    }),
    streamsPerClient: count({ min: 1, max: 1_000_000 })
      .prefault(256)
      .meta({ description: 'WebSocket connections and event streams of one client at once.' }),
  })
  .prefault({})
  .meta({
    description: 'A client is its address as `trustedProxies` lets it be seen; of IPv6, its /64.',
  })

export const serverSchema = z
  .strictObject({
    listen: textOrNumber((value) => parseListen(value, '0.0.0.0'), listenExpected)
      .prefault('0.0.0.0:${PORT:-8080}')
      .meta({
        description: 'Address and port to listen on; a port alone listens on every IPv4 address.',
        examples: ['0.0.0.0:8080', '[::]:8080', 8080],
      }),
    publicUrl: text(parseOrigin)
      .prefault('${PUBLIC_URL:-http://localhost:8080}')
      .meta({
        description:
          'The one origin that browsers use: scheme, host and port. Decides the names of the cookies and whether they need TLS.',
        examples: ['https://app.example.com'],
      }),
    hosts: z
      .array(text(parseHost))
      .prefault([])
      .meta({
        description: 'More Host values to accept besides that of publicUrl.',
        examples: [['internal.example.com', '10.0.0.7:8080']],
      }),
    trustedProxies: z
      .array(text(parseNetwork))
      .prefault([])
      .meta({
        description:
          'Addresses or CIDR blocks of your load balancers; X-Forwarded-For is believed from nobody else.',
        examples: [['10.0.0.0/8']],
      }),
    tls: tlsSchema,
    limits: limitsSchema,
    shutdown: z
      .strictObject({
        drain: duration({ min: '0', max: '10m' }).prefault('0s').meta({
          description: 'How long to keep accepting requests after SIGTERM while /readyz says 503.',
        }),
        grace: duration({ min: '0', max: '1h' }).prefault('15s').meta({
          description: 'How long requests in flight may take to finish before they are cut off.',
        }),
      })
      .prefault({})
      .meta({ description: 'What happens after SIGTERM.' }),
  })
  .prefault({})
  .meta({ description: 'Where the gateway listens and how the world sees it.' })

export const verifySchema = z
  .strictObject({
    from: z
      .array(text(parseNetwork))
      .min(1)
      .meta({
        description:
          'Addresses or CIDR blocks of the proxies that may ask, as their connections come from; nobody else finds the endpoint.',
        examples: [['10.0.0.0/8']],
      }),
    dialect: word(['nginx', 'traefik', 'caddy', 'envoy']).meta({
      description: 'How the proxy says which request it asks about (docs/forward-auth.md).',
    }),
  })
  .nullable()
  .prefault(null)
  .meta({
    description:
      'Forward-auth: `/_gateway/verify` judges requests that another proxy then forwards itself. null: it is not there.',
    examples: [{ from: ['127.0.0.1'], dialect: 'nginx' }],
  })

export const pagesSchema = z
  .strictObject({
    name: text(parseTitle)
      .nullable()
      .prefault(null)
      .meta({
        description: 'What people are signing in to, at most 60 characters. null: it is not named.',
        examples: ['Acme Invoices'],
      }),
    logo: text(parseImageFile)
      .nullable()
      .prefault(null)
      .meta({
        description:
          'An .svg, .png, .jpg or .webp file of at most 256 kB, read at start and at a reload. null: the emblem of the gateway.',
        examples: ['./logo.svg'],
      }),
  })
  .prefault({})
  .meta({
    description: 'The pages of the gateway itself: sign-in, and refusals (docs/pages.md).',
    examples: [{ name: 'Acme Invoices', logo: './logo.svg' }],
  })

const adminListen = '127.0.0.1:9090'

export const adminSchema = z
  .union(
    [
      z.literal('none'),
      z.strictObject({
        listen: textOrNumber((value) => parseListen(value, '127.0.0.1'), listenExpected)
          .prefault(adminListen)
          .meta({
            description: 'Address and port of /livez, /readyz, /metrics and the console.',
            examples: [adminListen],
          }),
        token: text(parseToken)
          .nullable()
          .prefault(null)
          .meta({
            description:
              'Opens the console to others than this machine, and its controls to everybody who has it (docs/console.md): at least 32 bytes. Empty: the console shows itself on loopback only, and changes nothing.',
            examples: ['${ADMIN_TOKEN:-}'],
          }),
      }),
    ],
    { error: 'expected "none" or a mapping with `listen`' },
  )
  .prefault({})
  .meta({ description: 'The listener for operators; "none" turns it off.' })

export const auditSchema = z
  .union(
    [
      z.enum(['stdout', 'none']),
      z.strictObject({
        file: filePath(
          'Lines are appended to this file, which only its owner can read; SIGHUP opens it anew, for logrotate.',
          ['./data/audit.jsonl'],
        ),
      }),
    ],
    { error: 'expected "stdout", "none" or a mapping with `file`' },
  )
  .prefault('stdout')
  .meta({
    description:
      'The audit log: who signed in, failed to, was banned and so on (docs/audit-log.md). `stdout`: lines with `"log":"audit"` among those of the process, whatever `LOG_LEVEL` says.',
    examples: [{ file: './data/audit.jsonl' }],
  })

export const logSchema = z
  .strictObject({
    access: z
      .union(
        [
          z.boolean(),
          z.strictObject({
            except: z
              .array(z.string())
              .prefault([])
              .meta({
                description:
                  'Routes whose requests get a line only where something went wrong, such as those that health checks ask for.',
                examples: [['health']],
              }),
          }),
        ],
        { error: 'expected true, false or a mapping with `except`' },
      )
      .prefault(true)
      .meta({
        description:
          'A line for every request that is over (docs/observability.md): true, false, or for all but some routes.',
        examples: [false, { except: ['health'] }],
      }),
  })
  .prefault({})
  .meta({
    description: 'What is logged, besides what the level of LOG_LEVEL asks for.',
    examples: [{ access: { except: ['health'] } }],
  })

export const redisSchema = text(parseRedisUrl)
  .nullable()
  .prefault(null)
  .meta({
    description:
      'Shares limits and revocations between several gateways: a redis: or rediss: URL. Empty: limits are counted in memory, and revocations are shared through the auth database.',
    examples: ['${REDIS_URL:-}'],
  })
