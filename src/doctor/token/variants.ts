import { profiles } from '../../assertion/profiles.ts'
import type { GatewayConfig, TokenConfig, TokenProfile } from '../../config/types.ts'
import { ok, problem, type Finding } from '../check.ts'
import type { Recipe } from './issue.ts'
import { nobody, nobodysUuid } from './principal.ts'

/** Another way to make the token, and what it means when FastAPI takes that one. */
export interface Variant {
  readonly recipe: Recipe
  readonly meaning: Finding
}

/**
 * What else FastAPI might expect, the least surprising first. Only the secrets of `bearer.secret` are used, and only a user whom nobody is.
 * @param usual how the gateway makes the token
 */
export function variantsOf(
  { bearer, identity }: Pick<GatewayConfig, 'bearer' | 'identity'>,
  usual: Recipe,
): readonly Variant[] {
  const { token } = identity
  if (token === null) return []
  const changed = (change: Partial<TokenConfig>): Recipe => ({
    ...usual,
    identity: { ...identity, token: { ...token, ...change } },
  })
  return [
    ...uuidUser(usual),
    ...olderSecrets(bearer.secrets, usual),
    ...otherProfiles(token, changed),
    ...gatewaysAudience(bearer, token, changed),
    {
      recipe: { ...usual, wider: 600 },
      meaning: problem(
        'FastAPI refuses our token for its times: with ten minutes more on both sides it takes it',
        'Set the clocks of both machines by NTP.',
      ),
    },
  ]
}

/** Ids of Better Auth are UUIDs where the gateway keeps it, so that this is as it should be. */
function uuidUser(usual: Recipe): readonly Variant[] {
  if (usual.userId !== nobody) return []
  return [
    {
      recipe: { ...usual, userId: nobodysUuid },
      meaning: ok('FastAPI takes our token where the user id is a UUID, and no other'),
    },
  ]
}

function olderSecrets(secrets: readonly string[], usual: Recipe): readonly Variant[] {
  return secrets.slice(1).map((secret, index) => ({
    recipe: { ...usual, secret },
    meaning: problem(
      `FastAPI refuses our token: it verifies with secret ${index + 2} of bearer.secret, and the first signs`,
      'Give FastAPI the first secret of the list, or put the one that it has first until it has the new one.',
    ),
  }))
}

function otherProfiles(
  token: TokenConfig,
  changed: (change: Partial<TokenConfig>) => Recipe,
): readonly Variant[] {
  const names = ['default', 'fastapi-users', 'realworld'] as const satisfies readonly TokenProfile[]
  return names
    .filter((name) => name !== token.profile)
    .map((name) => ({
      recipe: changed(profiles[name]),
      meaning: problem(
        `FastAPI refuses our token: it expects the profile ${name}, and identity.token.profile is ${token.profile}`,
        `Set identity.token.profile: ${name}.`,
      ),
    }))
}

function gatewaysAudience(
  { issuer, audience }: GatewayConfig['bearer'],
  token: TokenConfig,
  changed: (change: Partial<TokenConfig>) => Recipe,
): readonly Variant[] {
  if (issuer === null && audience === null) return []
  return [
    {
      recipe: changed({ issuer: issuer ?? token.issuer, audience: audience ?? token.audience }),
      meaning: problem(
        'FastAPI refuses our token: it expects iss and aud as bearer.issuer and bearer.audience have them',
        'Set identity.token.profile: custom, with that issuer and that audience.',
      ),
    },
  ]
}
