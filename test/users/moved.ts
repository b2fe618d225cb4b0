import type { Test } from 'tap'
import { run, secrets, type Ran } from '../cli/run.ts'
import { startBackend, type Backend } from '../helper/backend.ts'
import { startGateway, type Running, type StartOptions } from '../helper/gateway.ts'
import { call, sql } from '../session/calls.ts'

/** A hash as Python makes it, cheap to verify: of `oldPassword`. */
export const oldHash = '$2b$04$abcdefghijklmnopqrstuuJq4Fzjc1.pflg1yTKrfXxVbuU.NcG.K'
export const oldPassword = 'the password of old'

/** What Better Auth hashes with. */
export const scrypt = /^[\da-f]{32}:[\da-f]{128}$/

/** A gateway to which users move, and the FastAPI behind it. */
export interface Moving {
  readonly gateway: Running
  readonly backend: Backend
  /** `sallyport users import` beside it. */
  readonly importUsers: (...args: readonly string[]) => Promise<Ran>
  /** Signs in, and answers with the user whom FastAPI is told of; null where that is refused with 401. */
  readonly signIn: (email: string, password: string) => Promise<string | null>
}

export async function startMoving(t: Test, options: Partial<StartOptions> = {}): Promise<Moving> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, ...options })
  return {
    gateway,
    backend,
    importUsers: (...args) => run(gateway.folder, ['users', 'import', ...args], secrets),
    signIn: async (email, password) => {
      const reply = await call(gateway, '/sign-in/email', { body: { email, password } })
      if (reply.status === 401) return null
      if (reply.status !== 200) throw new Error(`sign-in answered ${reply.status}: ${reply.text}`)
      await gateway.request('/api/me', { headers: { cookie: reply.cookie } })
      return String(backend.seen.at(-1)?.headers['x-user-id'])
    },
  }
}

/** The hashes that Better Auth has, by user id. */
export function hashesOf(gateway: Running): Readonly<Record<string, string>> {
  const rows = sql(gateway, `SELECT userId, password FROM account WHERE providerId = 'credential'`)
  return Object.fromEntries(rows.map(({ userId, password }) => [String(userId), String(password)]))
}
