import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import type { PasswordHasher } from './password.ts'

/** What a key is derived from. */
export interface KeyInput {
  /** In memory of its own, which whoever derives the key takes over and wipes. */
  readonly password: Uint8Array<ArrayBuffer>
  /** The hexadecimal digits themselves, not what they stand for: so does Better Auth. */
  readonly salt: string
}

export type Derive = (input: KeyInput) => Promise<Uint8Array>

// Better Auth's. It does not store them: with any others no password would verify that it has hashed.
const cost = { N: 16_384, r: 16, p: 1 }
const options = { ...cost, maxmem: 2 * 128 * cost.N * cost.r }
const keyBytes = 64

/** Keeps the thread it is called on busy for some 85 ms and holds 32 MB. Wipes the bytes of the password. */
export function deriveKey({ password, salt }: KeyInput): Uint8Array {
  try {
    return scryptSync(password, salt, keyBytes, options)
  } finally {
    password.fill(0)
  }
}

/** Hashes as Better Auth does, `salt:key` in hexadecimal, so that either verifies what the other has stored. */
export function createScryptHasher(derive: Derive): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(16).toString('hex')
      return `${salt}:${toHex(await derive({ password: bytesOf(password), salt }))}`
    },
    async verify({ hash, password }) {
      const [salt, key] = hash.split(':')
      if (!salt || !key) throw new Error('Invalid password hash')
      return isSame(toHex(await derive({ password: bytesOf(password), salt })), key)
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
