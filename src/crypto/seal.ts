import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Encrypts small texts for ourselves: what is inside travels through other hands and comes back. */
export interface Seal {
  /** @param context what the text belongs to; it can only be opened with the same one */
  readonly seal: (text: string, context: string) => string
  /** Null for whatever was not sealed with one of the secrets and this context. */
  readonly unseal: (sealed: string, context: string) => string | null
}

const algorithm = 'aes-256-gcm'
// NIST SP 800-38D §5.2.1.1 and §8.2.2: random nonces of 96 bits, fewer than 2^32 under one key.
const nonceBytes = 12
const tagBytes = 16

/**
 * Makes a seal from secrets that other things are signed with: each becomes a key of its own (HKDF, RFC 5869), so that neither use
 * tells anything about the other. The first secret seals, all open. Not checked: the quality of the secrets.
 * @param purpose makes the keys of one purpose useless for another
 */
export function createSeal(secrets: readonly string[], purpose: string): Seal {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)))
  const [first] = keys
  if (first === undefined) throw new Error('a seal needs a secret')
  return {
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, first, nonce).setAAD(Buffer.from(context))
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url')
    },
    unseal: (sealed, context) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return null
      for (const key of keys) {
        const text = open(key, bytes, context)
        if (text !== null) return text
      }
      return null
    },
  }
}

function open(key: Buffer, bytes: Buffer, context: string): string | null {
  const nonce = bytes.subarray(0, nonceBytes)
  const cipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    const inside = bytes.subarray(nonceBytes, -tagBytes)
    return cipher.update(inside, undefined, 'utf8') + cipher.final('utf8')
  } catch {
    return null
  }
}
