import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { request } from 'undici'
import { Newcomer, root, until } from './newcomer.ts'

// Does in a fresh clone exactly what the README's 60-second start says, then checks what it promises. Run by
// `npm run test:readme`; not a tap test, because it installs everything anew and takes the default ports.

const installedWithinMs = 300_000

/** The commands of the block behind `<!-- start -->`. */
function readCommands(): { readonly script: string; readonly cloned: string } {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const block = /<!-- start -->\s*```sh\n([^]*?)```/.exec(readme)?.[1]
  const cloned = /git clone (\S+)/.exec(block ?? '')?.[1]
  if (block === undefined || cloned === undefined) throw new Error('README.md has no start block')
  return { script: block, cloned }
}

interface Json {
  readonly [key: string]: unknown
}

async function json(response: Response): Promise<Json> {
  return (await response.json()) as Json
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

async function post(url: string, body: Json): Promise<Response> {
  // As a page of this origin sends it: Node's fetch says that it is a browser's, and Better Auth then wants an Origin.
  const headers = { 'content-type': 'application/json', origin: new URL(url).origin }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function checkPromises(url: string, email: string, password: string): Promise<void> {
  const page = await fetch(url)
  assert.equal(page.status, 200, 'the page is there')
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  const [, script = ''] = / src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? []
  assert.equal((await fetch(url + script)).status, 200, 'and what it loads has been built')

  const signIn = await post(`${url}/api/auth/sign-in/email`, { email, password })
  assert.equal(signIn.status, 200, 'the demo account signs in')
  const newcomer = { name: 'New', email: 'new@example.com', password: 'correct horse battery' }
  const signUp = await post(`${url}/api/auth/sign-up/email`, newcomer)
  assert.equal(signUp.status, 200, 'a newcomer signs up')
  const headers = { cookie: cookieOf(signUp) }

  const session = await json(await fetch(`${url}/_gateway/session`, { headers }))
  const { id } = session['user'] as { id: string }
  const forged = { ...headers, 'X-User-Id': 'someone-else' }
  for (const given of [headers, forged]) {
    const me = await json(await fetch(`${url}/api/me`, { headers: given }))
    assert.equal(me['id'], id, 'FastAPI knows who it is')
  }
  const token = await json(
    await fetch(`${url}/_gateway/token`, { method: 'POST', headers: { ...headers, origin: url } }),
  )
  const authorization = `Bearer ${String(token['access_token'])}`
  const byToken = await json(await fetch(`${url}/api/me`, { headers: { authorization } }))
  assert.equal(byToken['id'], id, 'the token is the same user')

  const refused = await fetch(`${url}/api/me`)
  assert.equal(refused.status, 401)
  assert.equal((await json(refused))['code'], 'credential_missing')
  // fetch writes this header itself.
  const navigation = { 'sec-fetch-mode': 'navigate' }
  const sent = await request(`${url}/api/me`, { headers: navigation })
  assert.equal(sent.statusCode, 302)
  assert.equal(sent.headers['location'], '/_gateway/login?return_to=%2Fapi%2Fme')
}

const { script, cloned } = readCommands()
const newcomer = new Newcomer(cloned)
try {
  const started = newcomer.start(script)
  const [, url = ''] = await until(/Open\s+(http:\/\/\S+)/, started, installedWithinMs)
  const account = /Demo account\s+(\S+@\S+)\s+(\S+)/
  const [, email = '', password = ''] = await until(account, started, installedWithinMs)
  await checkPromises(url, email, password)
  console.log('\nthe README keeps its promises: 1 passed, 0 failed')
} finally {
  await newcomer.leave()
}
