import { argon2Sync } from 'node:crypto'
import type { Imported } from './imported.ts'

/** Argon2 (RFC 9106), version 1.3. */
export interface Argon2Recipe {
  readonly kind: 'argon2'
  readonly variant: 'argon2id' | 'argon2i' | 'argon2d'
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Uint8Array
  /** Of the key, bytes. */
  readonly length: number
}

// What a table says is data: whoever could write into it could otherwise have the gateway do any amount of work.
const most = { memory: 262_144, passes: 20, parallelism: 16 }
const saltBytes = [8, 64] as const
const keyBytes = [16, 64] as const

/** The PHC string format. `v` is left out by libraries so old that their keys are other ones; `keyid` and `data` are nobody's. */
const grammar =
  /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Reads a hash of Python's argon2-cffi, pwdlib or passlib; null: it is none. */
export function readArgon2(text: string): Imported | 'costly' | null {
  const [, variant, memoryText, passesText, parallelismText, saltText = '', keyText = ''] =
    grammar.exec(text) ?? []
  if (variant === undefined) return null
  const [memory, passes, parallelism] = [memoryText, passesText, parallelismText].map(Number) as [
    number,
    number,
    number,
  ]
  const salt = bytesOf(saltText)
  const key = bytesOf(keyText)
  if (!isWithin(salt.length, saltBytes) || !isWithin(key.length, keyBytes)) return null
  // RFC 9106 §3.1: eight blocks for each lane at least.
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism) return null
  if (memory > most.memory || passes > most.passes || parallelism > most.parallelism)
    return 'costly'
  const recipe: Argon2Recipe = {
    kind: 'argon2',
    variant: variant as Argon2Recipe['variant'],
    memory,
    passes,
    parallelism,
    salt,
    length: key.length,
  }
  return { recipe, key }
}

/** Keeps its thread busy for some 125 ms with what argon2-cffi takes when it is told nothing, and holds `memory`. */
export function deriveArgon2(password: Uint8Array, recipe: Argon2Recipe): Uint8Array {
  const { variant, memory, passes, parallelism, salt, length } = recipe
  return argon2Sync(variant, {
    message: password,
    nonce: salt,
    parallelism,
    tagLength: length,
    memory,
    passes,
  })
}

/** In memory of its own: a piece of what is shared would be copied whole to the thread that derives. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}

function isWithin(length: number, [least, largest]: readonly [number, number]): boolean {
  return length >= least && length <= largest
}
