import { z } from 'zod'
import { parseParameterName, parseRole, parseScope } from '../../values/access.ts'
import { duration, text, word } from '../build.ts'

export const accessMode = word(['required', 'optional', 'none'])

const roles = z.array(text(parseRole)).min(1)

const organizationSchema = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        roles: roles.optional().meta({
          description:
            'Roles in the organisation of which the user needs one. Left out: membership is enough.',
          examples: [['owner', 'admin']],
        }),
      }),
    ],
    { error: 'expected true, false or a mapping with `roles`' },
  )
  .prefault(false)
  .meta({
    description:
      'The session must have an active organisation of which the user is a member, as it is now.',
    examples: [true, { roles: ['owner', 'admin'] }],
  })

export const routeAuthSchema = z
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
        accept: z
          .array(word(['session', 'bearer', 'apiKey']))
          .min(1)
          .optional()
          .meta({
            description:
              'Kinds of credentials that may decide: the session cookie, anything in Authorization, x-api-key. Any other is a 401. Left out: every kind.',
            examples: [['bearer', 'apiKey']],
          }),
        roles: roles.optional().meta({
          description: 'Roles of which the user needs one (Better Auth’s admin plugin).',
          examples: [['admin']],
        }),
        scopes: z
          .array(text(parseScope))
          .min(1)
          .optional()
          .meta({
            description:
              'Scopes that the token or the API key must have, all of them. A session has none: it passes only where `accept` names it.',
            examples: [['items:write']],
          }),
        fresh: duration({ min: '10s', max: '400d' })
          .optional()
          .meta({
            description:
              'How long ago the user may have signed in. Who signed in earlier, or has no session, is asked to sign in again.',
            examples: ['15m'],
          }),
        owner: text(parseParameterName)
          .optional()
          .meta({
            description:
              'A parameter of the path that must be the id of the user, character by character.',
            examples: ['user_id'],
          }),
        emailVerified: z
          .boolean()
          .prefault(false)
          .meta({ description: 'true: only users whose e-mail address is verified.' }),
        organization: organizationSchema,
      }),
    ],
    { error: 'expected "required", "optional", "none" or a mapping' },
  )
  .optional()
  .meta({
    description:
      'required: only authenticated requests pass. optional: others pass without identity. none: nothing is read. A mapping can ask for more; everything that it asks for must hold.',
  })
