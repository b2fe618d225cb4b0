import { z } from 'zod'
import { parseHost } from '../../values/address.ts'
import { parsePattern } from '../../values/path.ts'
import { text, word } from '../build.ts'

const pattern = text(parsePattern).meta({ examples: ['/api/*', '/api/users/{user_id}'] })
const host = text(parseHost).meta({ examples: ['admin.example.com'] })

export const matchSchema = z
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
    host: z
      .union([host, z.array(host).min(1)], { error: 'expected a host or a list of hosts' })
      .optional()
      .meta({
        description:
          'Only requests to this host, or one of these; it wins over the same path without a host. Left out: every host of the gateway.',
      }),
    allow: z
      .array(word(['%2F', '%25', ';']))
      .prefault([])
      .meta({ description: 'Escapes that are refused elsewhere and accepted in this path.' }),
  })
  .meta({ description: 'Which requests the route serves.' })
