import { createDry } from '../../assemble/dry.ts'
import type { ApiKeyAnswer } from '../../authn/api-key.ts'
import type { Session, User } from '../../authn/principal.ts'
import type { Clock } from '../../clock.ts'
import type { CredentialKind, GatewayConfig, RouteConfig } from '../../config/types.ts'
import { isRefusal } from '../../errors/refusal.ts'
import {
  judgeCaller,
  keyOfCaller,
  sessionOfCaller,
  userOfCaller,
  type MadeUpCaller,
} from '../../explain/caller/caller.ts'
import { toHead } from '../../explain/caller/head.ts'
import { presentCaller } from '../../explain/caller/present.ts'
import { admit } from '../../pipeline.ts'
import { sessionCookieNames } from '../../session/cookies.ts'
import type { SessionSource } from '../../session/port.ts'
import type { LookupSources } from '../../session/lookups/open.ts'
import type { Caller } from '../ground.ts'
import type { Forge } from './forge.ts'

/** The user id of every caller who may come in. */
export const ada = 'attack-ada'

/** Made-up callers, and everybody who is asked about them. */
export class Callers {
  readonly #sessions = new Map<string, { readonly cookie: string; readonly session: Session }>()
  readonly #keys = new Map<string, ApiKeyAnswer>()
  readonly #config: GatewayConfig
  readonly #forge: Forge
  readonly #clock: Clock
  #user: User | null = null

  constructor(config: GatewayConfig, forge: Forge, clock: Clock) {
    this.#config = config
    this.#forge = forge
    this.#clock = clock
  }

  /** Gives somebody a credential that a gateway with these sources believes. */
  admit(caller: MadeUpCaller): Caller {
    const number = String(this.#sessions.size + this.#keys.size + 1).padStart(4, '0')
    this.#user ??= userOfCaller({ ...caller, banned: false })
    return { via: caller.via, userId: ada, line: this.#lineOf(caller, number) }
  }

  #lineOf(caller: MadeUpCaller, number: string): string {
    const { masks } = this.#forge
    switch (caller.via) {
      case 'session': {
        const token = masks.name(`attack-session-token-${number}`, 'a session token')
        const cookie = this.#forge.cookie('a good session cookie', token)
        const made = sessionOfCaller(caller, this.#config, this.#clock.now())
        const session = { ...made, id: `attack-session-${number}` }
        this.#sessions.set(token, { cookie, session })
        return `Cookie: ${sessionCookieNames(this.#config).token}=${cookie}`
      }
      case 'bearer': {
        const { headers } = presentCaller(caller, this.#config, this.#clock.now())
        const token = headers[0]?.[1].slice('Bearer '.length) ?? ''
        return `Authorization: Bearer ${masks.name(token, 'a good token')}`
      }
      case 'apiKey': {
        const key = masks.name(`attack-api-key-${number}`, 'a good API key')
        this.#keys.set(key, { kind: 'valid', principal: keyOfCaller(caller) })
        return `x-api-key: ${key}`
      }
    }
  }

  /** Sessions: those that were made up, and whatever else there is. */
  wrapSource = (source: SessionSource): SessionSource => ({
    ...source,
    findByToken: (token, proof) => {
      const known = this.#sessions.get(token)
      // Where Better Auth's secret is kept elsewhere, it is for whoever is asked there to look at the signature.
      const isProven = known !== undefined && (proof === undefined || proof.cookie === known.cookie)
      return isProven ? Promise.resolve(known.session) : source.findByToken(token, proof)
    },
    findById: (id, proof) => {
      const known = [...this.#sessions.values()].find(({ session }) => session.id === id)
      return known === undefined ? source.findById(id, proof) : Promise.resolve(known.session)
    },
  })

  /** The same for users and API keys. */
  wrapLookups = ({ users, apiKeys }: LookupSources): LookupSources => ({
    users: users && {
      findUser: (id) => (id === ada ? Promise.resolve(this.#user) : users.findUser(id)),
    },
    apiKeys: apiKeys && {
      verify: (key) => {
        const answer = this.#keys.get(key)
        if (answer === undefined) return apiKeys.verify(key)
        return Promise.resolve({ answer, ownerId: ada, expiresAtMs: Infinity, isMetered: false })
      },
    },
  })
}

/** Who would fulfil what a route asks for, as far as one kind of credential can. */
export function callerFor({ auth }: RouteConfig, via: CredentialKind): MadeUpCaller {
  const { roles = null, scopes = null, organization = null } = auth.needs ?? {}
  const role = organization?.roles?.[0] ?? 'member'
  return {
    via,
    userId: ada,
    email: 'ada@attack.invalid',
    emailVerified: true,
    roles: roles?.slice(0, 1) ?? [],
    scopes: scopes ?? [],
    organization: organization === null || via !== 'session' ? null : { id: 'attack-org', role },
    sessionAgeMs: 0,
    banned: false,
    externalId: '4711',
  }
}

/** The code with which a made-up caller is refused at a place; null: they pass. The road is walked dry. */
export async function refusalOf(
  caller: MadeUpCaller,
  { method, path, host }: { readonly method: string; readonly path: string; readonly host: string },
  config: GatewayConfig,
  clock: Clock,
): Promise<string | null> {
  if (judgeCaller(caller, config).length > 0) return 'token_not_accepted'
  const { headers, sources } = presentCaller(caller, config, clock.now())
  const nothingRevoked = { isRevoked: () => false }
  const deps = createDry(config, {
    ...sources,
    marks: nothingRevoked,
    issuers: { of: () => [] },
    clock,
  })
  const written = { method, url: path, host, headers, address: '127.0.0.1' }
  const head = toHead({ ...written, navigation: false, websocket: false }, config)
  const admission = await admit(head, deps.road)
  return isRefusal(admission) ? admission.code : null
}
