import { judgeCaller, type MadeUpCaller } from '../../explain/caller/caller.ts'
import type { CredentialKind, GatewayConfig } from '../../config/types.ts'
import { wrongUsage } from './usage.ts'

/** The flags that make somebody up. */
export interface CallerOptions {
  readonly user?: string
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly email?: string
  readonly emailVerified?: boolean
  readonly organization?: string
  /** Milliseconds. */
  readonly sessionAge?: number
  readonly banned?: boolean
  readonly externalId?: string
  readonly via?: CredentialKind
}

const flags: Readonly<Record<string, string>> = {
  roles: '--role',
  scopes: '--scope',
  organization: '--organization',
  via: '--via',
  sessionAge: '--session-age',
}

/** The caller that the flags make up, or null: they make up nobody. Ends the command where there can be no such caller. */
export function callerOf(options: CallerOptions, config: GatewayConfig): MadeUpCaller | null {
  const { user, role = [], scope = [], email, organization, sessionAge = 0 } = options
  if (user === undefined) {
    const first = firstFlag(options)
    return first === null ? null : wrongUsage(`${first} needs --user: whose is it?`)
  }
  if (!/^[\x21-\x7e]{1,128}$/.test(user)) wrongUsage('--user is an id: visible ASCII, no spaces')
  const caller: MadeUpCaller = {
    via: options.via ?? 'session',
    userId: user,
    email: email ?? null,
    emailVerified: options.emailVerified ?? false,
    roles: role,
    scopes: scope,
    organization: organizationOf(organization),
    sessionAgeMs: sessionAge,
    banned: options.banned ?? false,
    externalId: options.externalId ?? null,
  }
  const [problem] = judgeCaller(caller, config)
  if (problem !== undefined) wrongUsage(`${flags[problem.part] ?? ''}: ${problem.message}`)
  if (caller.emailVerified && caller.email === null) wrongUsage('--email-verified needs --email')
  return caller
}

function firstFlag(options: CallerOptions): string | null {
  const { role, scope, email, emailVerified, organization, sessionAge, banned, via } = options
  const given = [
    [role, '--role'],
    [scope, '--scope'],
    [email, '--email'],
    [emailVerified, '--email-verified'],
    [organization, '--organization'],
    [sessionAge, '--session-age'],
    [banned, '--banned'],
    [options.externalId, '--external-id'],
    [via, '--via'],
  ] as const
  return given.find(([value]) => value !== undefined)?.[1] ?? null
}

/** `ID[:role]`. */
function organizationOf(text: string | undefined): MadeUpCaller['organization'] {
  if (text === undefined) return null
  const [id = '', role = 'member'] = text.split(':', 2)
  return { id, role }
}
