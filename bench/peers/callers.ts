import { createHmac } from 'node:crypto'
import { request } from 'undici'

export const host = 'bench.test'
const password = 'correct horse battery staple'

/** A user with a session and the two ways of saying so. */
export interface Caller {
  readonly email: string
  readonly cookie: string
  readonly bearer: string
}

/** Signs a new user up, and mints the bearer token that a script of that user would hold. */
export async function createCaller(url: string, jwtSecret: string, email: string): Promise<Caller> {
  const { statusCode, headers, body } = await post(url, 'sign-up', {
    name: 'Bench',
    email,
    password,
  })
  await body.dump()
  const cookie = String(headers['set-cookie']).split(';')[0] ?? ''
  if (statusCode !== 200) throw new Error(`sign-up answered ${statusCode}`)
  return { email, cookie, bearer: `Bearer ${mint(jwtSecret)}` }
}

/** One sign-in: the password is hashed for it. `ip` keeps it out of the others' rate limit. */
export async function signIn(url: string, email: string, ip: string): Promise<void> {
  const { statusCode, body } = await post(url, 'sign-in', { email, password }, ip)
  await body.dump()
  if (statusCode !== 200) throw new Error(`sign-in answered ${statusCode}`)
}

function post(
  url: string,
  action: string,
  body: Readonly<Record<string, string>>,
  ip = '192.0.2.1',
): ReturnType<typeof request> {
  return request(`${url}/api/auth/${action}/email`, {
    method: 'POST',
    headers: { host, 'content-type': 'application/json', 'x-forwarded-for': ip },
    body: JSON.stringify(body),
  })
}

function mint(secret: string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'bench-user', exp })}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}
