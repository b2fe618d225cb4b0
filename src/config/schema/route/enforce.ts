import { z } from 'zod'
import { word } from '../build.ts'

export const enforceSchema = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        mode: word(['enforce', 'observe']).meta({
          description: 'observe: only report. enforce: as without this key, whatever else is here.',
        }),
        userHeader: z
          .string()
          .optional()
          .meta({
            description:
              'A header of FastAPI’s answers that says whom its own login found. It is compared with our user, counted, and not shown to the client. Left out: nothing is compared.',
            examples: ['X-Legacy-User'],
          }),
        compareWith: word(['user.id', 'user.email', 'user.externalId']).optional().meta({
          description:
            'What of our user that header is compared with. Left out: `identity.token.subject`.',
        }),
        identityHeaders: z.boolean().prefault(true).meta({
          description:
            'Callers who would pass are named to FastAPI in the headers of `identity.headers`. false: it is told nothing.',
        }),
        sessionCookies: z.boolean().prefault(false).meta({
          description: 'true: Better Auth’s cookies reach a FastAPI that reads them itself.',
        }),
      }),
    ],
    { error: 'expected true, false or a mapping with `mode`' },
  )
  .prefault(true)
  .meta({
    description:
      'false: what this route would refuse because of who is calling is reported, and forwarded for FastAPI’s own login to decide (docs/observe.md).',
    examples: [false, { mode: 'observe', userHeader: 'X-Legacy-User' }],
  })
