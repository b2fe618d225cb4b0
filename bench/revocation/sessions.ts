import type { Pool } from 'undici'
import { host } from './installation.ts'

/** A session, and when it was signed out, by `performance.now()`. */
export interface Held {
  readonly cookie: string
  /** When the answer to its sign-out was there; null while it lives. */
  revokedAtMs: number | null
}

const password = 'correct horse battery staple'

/** Signs a user up, and in again until there are so many sessions. */
export async function signInOften(node: Pool, count: number): Promise<Held[]> {
  const email = `${crypto.randomUUID()}@example.com`
  const held: Held[] = []
  for (let index = 0; index < count; index += 1) {
    const path = index === 0 ? '/sign-up/email' : '/sign-in/email'
    held.push({ cookie: await enter(node, path, email), revokedAtMs: null })
  }
  return held
}

async function enter(node: Pool, path: string, email: string): Promise<string> {
  const answer = await post(node, path, null, { name: 'Ada', email, password })
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  return answer.cookie
}

/** Signs a session out. Returns when the answer was there. */
export async function signOut(node: Pool, held: Held): Promise<void> {
  const { status } = await post(node, '/sign-out', held.cookie, {})
  if (status !== 200) throw new Error(`a sign-out answered ${status}`)
  held.revokedAtMs = performance.now()
}

/** Whether a request with this session arrives at the upstream. Throws at anything but 200 and 401. */
export async function isAccepted(node: Pool, { cookie }: Held): Promise<boolean> {
  const answer = await node.request({ path: '/api/x', method: 'GET', headers: { host, cookie } })
  await answer.body.dump()
  if (answer.statusCode === 200) return true
  if (answer.statusCode === 401) return false
  throw new Error(`a request was answered ${answer.statusCode}`)
}

async function post(node: Pool, path: string, cookie: string | null, body: object) {
  const answer = await node.request({
    path: `/api/auth${path}`,
    method: 'POST',
    headers: {
      host,
      origin: `http://${host}`,
      'content-type': 'application/json',
      // Attempts are counted by address.
      'x-forwarded-for': someAddress(),
      ...(cookie === null ? {} : { cookie }),
    },
    body: JSON.stringify(body),
  })
  await answer.body.dump()
  const set = [answer.headers['set-cookie'] ?? []].flat()
  return {
    status: answer.statusCode,
    cookie: set.map((each) => each.split(';')[0]).join('; '),
  }
}

function someAddress(): string {
  const part = (): number => 1 + Math.floor(Math.random() * 250)
  return `10.${part()}.${part()}.${part()}`
}
