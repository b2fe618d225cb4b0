import { bearerOf, call, sql } from '../../session/calls.ts'
import { makeKey } from '../../gateway/credentials/keys.ts'
import { signUp, type Running, type SignedIn, type StartOptions } from '../../helper/gateway.ts'
import { goodClaims, mint, signCookie } from '../../helper/token.ts'
import type { Expected } from './telling.ts'

/** Runs a statement on the auth database behind the gateway's back; `?` are its values. */
export type Change = (statement: string, ...values: (string | number)[]) => Promise<unknown>

/** Users can be banned; passwords are no subject here. @param session keys of `auth.session`, in flow style */
export function withBans(session = ''): Pick<StartOptions, 'auth' | 'files'> {
  return {
    auth: `signUp: open, module: ./auth.ts, session: { ${session} }`,
    files: {
      'auth.ts': `import { admin } from 'better-auth/plugins'
        const hash = async (password) => password
        const verify = async ({ hash, password }) => hash === password
        export default { plugins: [admin()], emailAndPassword: { password: { hash, verify } } }`,
    },
  }
}

let people = 0

export function newPerson(gateway: Running): Promise<SignedIn> {
  people += 1
  return signUp(gateway, `person-${String(people)}@example.com`)
}

/** On SQLite. */
export function changeSqlite(gateway: Running): Change {
  return (statement, ...values) => Promise.resolve(sql(gateway, statement, ...values))
}

const hourMs = 3_600_000

/** Sessions in every state, and what becomes of them. @param at writes a time so many milliseconds from now */
export async function sessionsInAllStates(
  gateway: Running,
  change: Change,
  at: (fromNowMs: number) => string | number,
): Promise<Record<string, Expected>> {
  const cookieOf = ({ cookie }: SignedIn): Expected['headers'] => ({ cookie })
  const live = await newPerson(gateway)
  const due = await newPerson(gateway)
  await change('UPDATE session SET "expiresAt" = ? WHERE "userId" = ?', at(hourMs), due.id)
  const expired = await newPerson(gateway)
  await change('UPDATE session SET "expiresAt" = ? WHERE "userId" = ?', at(-hourMs), expired.id)
  const banned = await newPerson(gateway)
  await change('UPDATE "user" SET banned = true WHERE id = ?', banned.id)
  const out = await newPerson(gateway)
  await call(gateway, '/sign-out', out)
  const unknown = `better-auth.session_token=${signCookie('t'.repeat(32))}`
  const forged = `better-auth.session_token=${signCookie('t'.repeat(32), 'x'.repeat(40))}`
  return {
    'a live session': { headers: cookieOf(live), fate: 200 },
    'a session whose refresh is due': { headers: cookieOf(due), fate: 200 },
    'an expired session': { headers: cookieOf(expired), fate: 'session_expired' },
    'a banned user': { headers: cookieOf(banned), fate: 'user_banned' },
    'a session that was signed out': { headers: cookieOf(out), fate: 'session_revoked' },
    'a session that nobody has': { headers: { cookie: unknown }, fate: 'session_expired' },
    'a forged cookie': { headers: { cookie: forged }, fate: 'session_invalid' },
  }
}

/** Tokens of ours and of scripts. `bearer.requireUser` must be on. */
export async function tokensInAllStates(gateway: Running): Promise<Record<string, Expected>> {
  const live = await newPerson(gateway)
  const out = await newPerson(gateway)
  const revoked = await bearerOf(gateway, out.cookie)
  await call(gateway, '/sign-out', out)
  const everywhere = await newPerson(gateway)
  const issuedBefore = mint(
    goodClaims({ sub: everywhere.id, iat: Math.floor(Date.now() / 1000) - 5 }),
  )
  await call(gateway, '/revoke-sessions', everywhere)
  const script = (sub: string): Expected['headers'] => ({
    authorization: `Bearer ${mint(goodClaims({ sub }))}`,
  })
  return {
    'a token of ours': {
      headers: { authorization: await bearerOf(gateway, live.cookie) },
      fate: 200,
    },
    'a token of a session that was signed out': {
      headers: { authorization: revoked },
      fate: 'session_revoked',
    },
    'a token from before its user was signed out everywhere': {
      headers: { authorization: `Bearer ${issuedBefore}` },
      fate: 'session_revoked',
    },
    'a token of a script': { headers: script(live.id), fate: 200 },
    'a token that names nobody': { headers: script('nobody'), fate: 'token_invalid' },
  }
}

/** API keys. `bearer.apiKeys` must be on. */
export async function keysInAllStates(
  gateway: Running,
  change: Change,
): Promise<Record<string, Expected>> {
  const owner = await newPerson(gateway)
  const made = async (): Promise<{ id: string; key: string }> => makeKey({ gateway }, owner)
  const [live, metered, usedUp, disabled] = [await made(), await made(), await made(), await made()]
  await change('UPDATE apikey SET remaining = 5 WHERE id = ?', metered.id)
  await change('UPDATE apikey SET remaining = 0 WHERE id = ?', usedUp.id)
  await change('UPDATE apikey SET enabled = false WHERE id = ?', disabled.id)
  const banned = await newPerson(gateway)
  const theirs = await makeKey({ gateway }, banned)
  await change('UPDATE "user" SET banned = true WHERE id = ?', banned.id)
  const as = (key: string, fate: Expected['fate']): Expected => ({
    headers: { 'x-api-key': key },
    fate,
  })
  return {
    'an API key': as(live.key, 200),
    'a key that is counted': as(metered.key, 200),
    'a key that is used up': as(usedUp.key, 'rate_limited'),
    'a disabled key': as(disabled.key, 'api_key_invalid'),
    'a key of a banned user': as(theirs.key, 'user_banned'),
    'a key that nobody has': as('k'.repeat(64), 'api_key_invalid'),
  }
}
