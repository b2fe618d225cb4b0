import { timingSafeEqual } from 'node:crypto'
import { readArgon2 } from './argon2.ts'
import { readBcrypt } from './bcrypt.ts'
import { readPbkdf2 } from './pbkdf2.ts'
import type { Derive, Recipe } from './recipe.ts'

/** A hash that somebody else has made: how, and what came out. */
export interface Imported {
  readonly recipe: Recipe
  readonly key: Uint8Array
}

/**
 * Reads a password hash that an application in Python has stored: argon2, bcrypt or passlib's pbkdf2.
 * @returns 'costly' for one that takes more work to verify than anybody is granted, null for what is none of these
 */
export function readImported(hash: string): Imported | 'costly' | null {
  return readArgon2(hash) ?? readBcrypt(hash) ?? readPbkdf2(hash)
}

/** Whether it is a hash that is verified as it is, and hashed anew when its user has signed in. */
export function isImported(hash: string): boolean {
  const read = readImported(hash)
  return read !== null && read !== 'costly'
}

/**
 * Whether a password that has been verified is all of it what was verified: of one longer than 72 bytes bcrypt looks at no more, and with a slip beyond
 * them it would be another.
 */
export function isWhole({ recipe }: Imported, password: string): boolean {
  if (recipe.kind !== 'bcrypt' || recipe.isOfDigest) return true
  return Buffer.byteLength(password) <= bcryptBytes
}

const bcryptBytes = 72

/**
 * Verifies a password against a hash that was imported. The password counts as it was typed: unlike Better Auth, the libraries in Python
 * do not normalise it.
 */
export async function verifyImported(
  { recipe, key }: Imported,
  password: string,
  derive: Derive,
): Promise<boolean> {
  const derived = await derive({ password: new TextEncoder().encode(password), recipe })
  return derived.length === key.length && timingSafeEqual(derived, key)
}
