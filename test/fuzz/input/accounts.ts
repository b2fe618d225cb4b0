import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import type { Random } from './random.ts'

/** Somebody who may come in, and with what. */
export interface Account {
  /** What FastAPI must be told. */
  readonly userId: string
  /** The header line without its end. */
  readonly line: string
  /** The part of the line without which it proves nothing, decoded. */
  readonly proof: string
}

/** Signs some users up, and makes tokens of scripts. */
export async function openAccounts(url: string): Promise<readonly Account[]> {
  const accounts: Account[] = []
  for (let user = 0; user < 3; user += 1) {
    const { userId, cookie } = await signUp(url, user)
    const proof = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1))
    accounts.push({ userId, line: `Cookie: ${cookie}`, proof })
  }
  for (const userId of ['script-1', 'script-2']) {
    const exp = Math.floor(Date.now() / 1000) + 80_000
    const proof = mint(goodClaims({ sub: userId, exp }))
    accounts.push({ userId, line: `Authorization: Bearer ${proof}`, proof })
  }
  return accounts
}

async function signUp(url: string, user: number): Promise<{ userId: string; cookie: string }> {
  const asked = request(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: {
      host: 'app.test',
      'content-type': 'application/json',
      'x-forwarded-for': `192.0.2.${user + 1}`,
    },
  })
  const password = 'correct horse battery staple'
  asked.end(JSON.stringify({ name: 'Ada', email: `ada${user}@example.com`, password }))
  const [reply] = (await once(asked, 'response')) as [IncomingMessage]
  const text = (await reply.toArray()).join('')
  const cookie = reply.headers['set-cookie']?.[0]?.split(';')[0]
  if (cookie === undefined) throw new Error(`nobody could sign up: ${text}`)
  return { userId: (JSON.parse(text) as { user: { id: string } }).user.id, cookie }
}

/** Whether bytes hold something that proves who this is; in a cookie, escapes may be written in more than one way. */
export function proves(account: Account, text: string): boolean {
  return text.includes(account.proof) || unescaped(text).includes(account.proof)
}

function unescaped(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const odd = ['none', 'HS384', 'HS512', 'RS256', 'hs256', '', 'HS256 ']

/** A credential that proves nothing: somebody's, but not as it was issued. */
export function spoil(random: Random, accounts: readonly Account[]): string {
  const { line, proof } = random.pick(accounts)
  const at = line.indexOf(proof.slice(0, 8)) + random.below(proof.length)
  switch (random.below(6)) {
    case 0: {
      const other = String.fromCharCode(line.charCodeAt(at) ^ (1 << random.below(6)))
      return line.slice(0, at) + other + line.slice(at + 1)
    }
    case 1:
      return line.slice(0, at)
    case 2:
      return line.slice(0, at) + line.slice(at + 1 + random.below(4))
    case 3:
      return `Authorization: Bearer ${mint(claims(random), { secret: random.pick(secrets) })}`
    case 4:
      return `Authorization: Bearer ${mint(claims(random), { header: { alg: random.pick(odd), typ: 'JWT' } })}`
    default:
      return `Authorization: Bearer ${mint(badClaims(random), { secret: jwtSecret })}`
  }
}

const secrets = ['', 'secret', jwtSecret.slice(1), `${jwtSecret} `, jwtSecret.toUpperCase()]

function claims(random: Random): Record<string, unknown> {
  return goodClaims({ sub: random.pick(['script-1', 'mallory', '1']) })
}

/** Signed as they must be, and still worth nothing. */
function badClaims(random: Random): unknown {
  const now = Math.floor(Date.now() / 1000)
  return random.pick([
    { sub: 'mallory' },
    { sub: 'mallory', exp: now - 1 },
    { sub: 'mallory', exp: String(now + 60) },
    { sub: 'mallory', exp: now + 10_000_000 },
    { sub: 'mallory', exp: now + 60, nbf: now + 600 },
    { sub: 'mallory', exp: now + 60, iat: now + 600 },
    { sub: 'mal lory', exp: now + 60 },
    { sub: 'm\r\nX-User-Id: mallory', exp: now + 60 },
    { sub: ['mallory'], exp: now + 60 },
    { exp: now + 60 },
    { username: 'mallory', exp: now + 60 },
    ['mallory'],
    'mallory',
    null,
  ])
}
