import { scryptSync } from 'node:crypto'
import { deriveArgon2, type Argon2Recipe } from './argon2.ts'
import { deriveBcrypt, type BcryptRecipe } from './bcrypt.ts'
import { derivePbkdf2, type Pbkdf2Recipe } from './pbkdf2.ts'

/** Better Auth's own. */
export interface ScryptRecipe {
  readonly kind: 'scrypt'
  /** The hexadecimal digits themselves, not what they stand for: so does Better Auth. */
  readonly salt: string
}

/** How a key is made of a password. */
export type Recipe = ScryptRecipe | Argon2Recipe | BcryptRecipe | Pbkdf2Recipe

/** What a key is derived from. */
export interface KeyInput {
  /** In memory of its own, which whoever derives the key takes over and wipes. */
  readonly password: Uint8Array<ArrayBuffer>
  readonly recipe: Recipe
}

export type Derive = (input: KeyInput) => Promise<Uint8Array>

// Better Auth's. It does not store them: with any others no password would verify that it has hashed.
const cost = { N: 16_384, r: 16, p: 1 }
const options = { ...cost, maxmem: 2 * 128 * cost.N * cost.r }
const keyBytes = 64

/** Keeps the thread it is called on busy; with Better Auth's scrypt for some 85 ms, holding 32 MB. Wipes the bytes of the password. */
export function deriveKey({ password, recipe }: KeyInput): Uint8Array {
  try {
    return deriveBy(recipe, password)
  } finally {
    password.fill(0)
  }
}

function deriveBy(recipe: Recipe, password: Uint8Array): Uint8Array {
  switch (recipe.kind) {
    case 'scrypt':
      return scryptSync(password, recipe.salt, keyBytes, options)
    case 'argon2':
      return deriveArgon2(password, recipe)
    case 'bcrypt':
      return deriveBcrypt(password, recipe)
    case 'pbkdf2':
      return derivePbkdf2(password, recipe)
  }
}
