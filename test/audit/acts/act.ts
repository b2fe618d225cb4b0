import { createHmac } from 'node:crypto'
import type { Reply, Running } from '../../helper/gateway.ts'
import { ask, newPerson, password, type Person } from '../stage.ts'

/** Somebody does something, and the audit log says these things and no others. */
export interface Act {
  readonly name: string
  /** What is done before, and is not looked at. */
  readonly before?: (gateway: Running, person: Person) => Promise<unknown>
  readonly act: (gateway: Running, person: Person, prepared: never) => Promise<Reply>
  /** `brief` of each line, in any order. */
  readonly says: readonly string[]
  /** Where it is not the person themselves. */
  readonly actor?: 'administrator' | 'unknown' | 'gateway'
}

/** An act with what was prepared for it. */
export function act<T>(
  entry: Omit<Act, 'before' | 'act'> & {
    readonly before: (gateway: Running, person: Person) => Promise<T>
    readonly act: (gateway: Running, person: Person, prepared: T) => Promise<Reply>
  },
): Act {
  return entry
}

export const another = 'another horse 42'
export const admin = (gateway: Running): Promise<Person> => newPerson(gateway, 'root')

export function signInAgain(gateway: Running, { email }: Person): Promise<Reply> {
  return ask(gateway, '/sign-in/email', { body: { email, password } })
}

export function tokenOf(cookie: string): string {
  return decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
}

/** What a browser keeps of cookies that are cleared and set again. */
export function kept({ cookie }: Reply): string {
  const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
  const all = new Map(pairs.map(([name = '', value = '']) => [name, value]))
  return [...all].map(([name, value]) => `${name}=${value}`).join('; ')
}

/** RFC 6238, as an authenticator computes it. */
export function totp(uri: string): string {
  const base32 = new URL(uri).searchParams.get('secret') ?? ''
  const bits = base32
    .split('')
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Turns the second factor on; answers with its address and the cookies of the session that goes on. */
export async function enableTotp(gateway: Running, { cookie }: Person) {
  const enabled = await ask(gateway, '/two-factor/enable', { cookie, body: { password } })
  const uri = String(enabled.json()['totpURI'])
  const backupCodes = enabled.json()['backupCodes'] as string[]
  const body = { code: totp(uri) }
  const verified = await ask(gateway, '/two-factor/verify-totp', { cookie, body })
  return { uri, backupCodes, cookie: verified.cookie }
}

export async function firstStep(gateway: Running, person: Person) {
  const enabled = await enableTotp(gateway, person)
  const { cookie } = await signInAgain(gateway, person)
  return { ...enabled, cookie }
}
