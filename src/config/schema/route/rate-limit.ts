import { z } from 'zod'
import { parseName } from '../../values/names.ts'
import { count, duration, text, word } from '../build.ts'

const window = {
  requests: count({ min: 1, max: 1_000_000_000 }).meta({
    description: 'Requests that are allowed in the time `per`; one more is a 429.',
  }),
  per: duration({ min: '100ms', max: '1d' }).meta({
    description: 'The time over which requests are counted.',
  }),
  by: word(['user', 'ip']).prefault('user').meta({
    description:
      'user: counted after authentication, by address where nobody is known. ip: counted before it.',
  }),
}

const expected = { error: 'expected "none" or a mapping with `requests` and `per`' }

export const defaultRateLimitSchema = z
  .union([z.literal('none'), z.strictObject(window)], expected)
  .prefault('none')
  .meta({
    description:
      'The `rateLimit` of routes with an upstream that do not say it. They share one count, the bucket "default".',
    examples: [{ requests: 600, per: '1m', by: 'user' }],
  })

export const rateLimitSchema = z
  .union(
    [
      z.literal('none'),
      z.strictObject({
        ...window,
        bucket: text(parseName).optional().meta({
          description:
            'Routes with the same bucket share one count; left out: the name of the route.',
        }),
      }),
    ],
    expected,
  )
  .optional()
  .meta({
    description:
      'How many requests a caller may send; left out: `defaults.rateLimit`, "none": as many as they like.',
    examples: [{ requests: 600, per: '1m', by: 'user' }],
  })
