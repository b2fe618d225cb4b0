import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Derive } from '../hashes/recipe.ts'
import type { PasswordHasher } from './password.ts'

/** Hashes as Better Auth does, `salt:key` in hexadecimal, so that either verifies what the other has stored. */
export function createScryptHasher(derive: Derive): PasswordHasher {
  const keyOf = async (password: string, salt: string): Promise<string> =>
    toHex(await derive({ password: bytesOf(password), recipe: { kind: 'scrypt', salt } }))
  return {
    async hash(password) {
      const salt = randomBytes(16).toString('hex')
      return `${salt}:${await keyOf(password, salt)}`
    },
    async verify({ hash, password }) {
      const [salt, key] = hash.split(':')
      if (!salt || !key) throw new Error('Invalid password hash')
      return isSame(await keyOf(password, salt), key)
    },
  }
}

/** Normalised, because keyboards differ in how they write one and the same letter. */
function bytesOf(password: string): Uint8Array<ArrayBuffer> {
  // Other than `Buffer.from`, which may hand out a piece of shared memory.
  return new TextEncoder().encode(password.normalize('NFKC'))
}

function toHex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}

function isSame(derived: string, stored: string): boolean {
  const [a, b] = [Buffer.from(derived), Buffer.from(stored)]
  return a.length === b.length && timingSafeEqual(a, b)
}
