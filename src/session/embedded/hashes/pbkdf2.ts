import { pbkdf2Sync } from 'node:crypto'
import type { Imported } from './imported.ts'

export interface Pbkdf2Recipe {
  readonly kind: 'pbkdf2'
  readonly digest: 'sha256' | 'sha512'
  readonly rounds: number
  readonly salt: Uint8Array
}

/** Some 1.5 s. */
const mostRounds = 4_000_000
const keyBytes = { sha256: 32, sha512: 64 } as const

const grammar = /^\$pbkdf2-(sha256|sha512)\$(\d{1,9})\$([./A-Za-z0-9]{1,172})\$([./A-Za-z0-9]+)$/

/** Reads a hash of passlib's pbkdf2_sha256 or pbkdf2_sha512; null: it is none. */
export function readPbkdf2(text: string): Imported | 'costly' | null {
  const [, digest, rounds, salt = '', keyText = ''] = grammar.exec(text) ?? []
  if (digest !== 'sha256' && digest !== 'sha512') return null
  const key = bytesOf(keyText)
  if (key.length !== keyBytes[digest] || Number(rounds) < 1) return null
  if (Number(rounds) > mostRounds) return 'costly'
  const recipe = { kind: 'pbkdf2', digest, rounds: Number(rounds), salt: bytesOf(salt) } as const
  return { recipe, key }
}

/** RFC 8018 §5.2. Keeps its thread busy for some 10 ms with the rounds that passlib takes when it is told nothing. */
export function derivePbkdf2(
  password: Uint8Array,
  { digest, rounds, salt }: Pbkdf2Recipe,
): Uint8Array {
  return pbkdf2Sync(password, salt, rounds, keyBytes[digest], digest)
}

/** passlib writes base64 with a full stop for the plus sign. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll('.', '+'), 'base64'))
}
