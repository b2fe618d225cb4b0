import type { Provider } from './offers.ts'

/** What Better Auth spells in another way than its owner, or than people know it by. */
const knownAs: Readonly<Record<string, string>> = {
  gitlab: 'GitLab',
  linkedin: 'LinkedIn',
  microsoft: 'Microsoft',
  twitter: 'X (Twitter)',
}

/**
 * A provider as its button names it.
 * @param name as Better Auth has it; for a provider of the user's own it is the id
 */
export function toProvider(id: string, name: string): Provider {
  if (Object.hasOwn(knownAs, id)) return { id, name: knownAs[id] ?? name }
  const isId = name === id || name.trim() === ''
  return { id, name: isId ? id.charAt(0).toUpperCase() + id.slice(1) : name }
}
