import { createHmac } from 'node:crypto'
import { decodeBase64, hashSync } from 'bcryptjs'
import type { Imported } from './imported.ts'

export interface BcryptRecipe {
  readonly kind: 'bcrypt'
  /** `$2b$12$` and 22 characters of salt. */
  readonly settings: string
  /** passlib's bcrypt_sha256: what bcrypt is given is a digest of the password, so that no byte of a long one is lost. */
  readonly isOfDigest: boolean
}

/** Each step doubles the work; 14 takes a second. */
const costs = [4, 14] as const
const saltLength = 22
const keyLength = 31
const keyBytes = 23

/** `$2x$` marks hashes of a library that had a mistake, and stays unknown. */
const grammar = /^(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/
const ofDigest =
  /^\$bcrypt-sha256\$v=2,t=(2[ab]),r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/

/** Reads a hash of Python's bcrypt, pwdlib or passlib; null: it is none. */
export function readBcrypt(text: string): Imported | 'costly' | null {
  const [, settings, cost, key = ''] = grammar.exec(text) ?? []
  if (settings !== undefined) return toImported(settings, Number(cost), key, false)
  const [, ident, rounds = '', salt = '', keyOfDigest = ''] = ofDigest.exec(text) ?? []
  if (ident === undefined) return null
  const written = `$${ident}$${rounds.padStart(2, '0')}$${salt}`
  return toImported(written, Number(rounds), keyOfDigest, true)
}

function toImported(
  settings: string,
  cost: number,
  key: string,
  isOfDigest: boolean,
): Imported | 'costly' | null {
  if (cost < costs[0]) return null
  if (cost > costs[1]) return 'costly'
  return { recipe: { kind: 'bcrypt', settings, isOfDigest }, key: keyOf(key) }
}

/**
 * Keeps its thread busy for some 250 ms at a cost of 12. Of a password no more than 72 bytes count, and a NUL byte is one like any other:
 * both as Python's bcrypt has it.
 */
export function deriveBcrypt(
  password: Uint8Array,
  { settings, isOfDigest }: BcryptRecipe,
): Uint8Array {
  const text = isOfDigest
    ? createHmac('sha256', settings.slice(-saltLength)).update(password).digest('base64')
    : new TextDecoder('utf-8', { ignoreBOM: true }).decode(password)
  return keyOf(hashSync(text, settings).slice(-keyLength))
}

function keyOf(text: string): Uint8Array {
  return Uint8Array.from(decodeBase64(text, keyBytes))
}
