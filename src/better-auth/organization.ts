import type { BetterAuthPlugin } from 'better-auth'

type Context = Parameters<
  NonNullable<NonNullable<BetterAuthPlugin['hooks']>['after']>[number]['matcher']
>[0]

/** Whether a gateway asks for a session: it wants to know what Better Auth does not tell browsers. */
export function asksForSession(context: Context): boolean {
  const headers = context.headers as { get(name: string): string | null } | undefined
  return context.path === '/get-session' && headers?.get('x-sallyport-session') === '1'
}

/**
 * Adds to a session which organisation is active, with the role that its user has there now. The session itself goes on naming an organisation that the user has been
 * removed from, and knows no role.
 */
export async function addOrganization({ context }: Context): Promise<unknown> {
  const returned: unknown = context.returned
  if (typeof returned !== 'object' || returned === null || !('session' in returned)) {
    return undefined
  }
  const { session } = returned as { readonly session: Readonly<Record<string, unknown>> | null }
  const { activeOrganizationId: id, userId } = session ?? {}
  if (typeof id !== 'string' || id === '' || !context.hasPlugin('organization')) return undefined
  const member = await context.adapter.findOne<{ readonly role: string }>({
    model: 'member',
    where: [
      { field: 'organizationId', value: id },
      { field: 'userId', value: String(userId) },
    ],
  })
  const organization = member === null ? null : { id, role: member.role }
  return { ...returned, sallyport: { organization } }
}
