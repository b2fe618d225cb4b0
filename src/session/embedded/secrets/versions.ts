import { hash } from 'node:crypto'

/** A secret with the number under which Better Auth writes down which one has encrypted something. */
export interface VersionedSecret {
  readonly version: number
  readonly value: string
}

/**
 * Numbers secrets for Better Auth, whose stored ciphertext names the number of its secret: a number comes from the secret itself, so that it is the
 * same wherever the secret stands in the list. The digest is one of its own, because the plain one is the key that Better Auth encrypts with.
 *
 * What was written before there could be several secrets has the number 1: that is the oldest one in the list.
 * @param secrets the first is the current one; never empty
 */
export function versionSecrets(secrets: readonly string[]): VersionedSecret[] {
  const oldest = secrets.at(-1) ?? ''
  return [
    ...secrets.map((value) => ({ version: versionOf(value), value })),
    { version: 1, value: oldest },
  ]
}

/** From 2 to 2^31 - 1. */
function versionOf(secret: string): number {
  const digest = hash('sha256', `sallyport: version of a secret\0${secret}`, 'hex')
  return (Number.parseInt(digest.slice(0, 12), 16) % (2 ** 31 - 2)) + 2
}
