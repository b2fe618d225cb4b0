import { z } from 'zod'
import { later, word } from '../build.ts'

export const accessMode = word(['required', 'optional', 'none'])

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
