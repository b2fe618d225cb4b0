import { createHash, randomBytes } from 'node:crypto'
import { password } from '../../helper/gateway.ts'
import { Browser, post, signUp, type Answer, type Person } from './client.ts'
import type { Installation } from './installation.ts'
import type { Ledger } from './ledger.ts'

/** Expects a status, and says what came instead. */
export function expect(answer: Answer, status: number): Record<string, unknown> {
  if (answer.status !== status) {
    throw new Error(`${answer.status} instead of ${status}: ${answer.text.slice(0, 200)}`)
  }
  return answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>)
}

function equal(what: string, seen: unknown, wanted: unknown): void {
  if (seen !== wanted) throw new Error(`${what} ${String(seen)} instead of ${String(wanted)}`)
}

/** Somebody who stays signed in all along and asks who they are. */
export async function reader(place: Installation, ledger: Ledger): Promise<void> {
  const browser = new Browser(place)
  const { id, cookie } = await signUp(browser)
  await ledger.repeat('GET', 10, async () => {
    const me = expect(await browser.send('/api/me', { headers: { cookie } }), 200)
    equal('the id is', me['id'], id)
  })
  await browser.close()
}

/** Somebody who sends bodies of many sizes. */
export async function uploader(place: Installation, ledger: Ledger): Promise<void> {
  const browser = new Browser(place)
  const { id, cookie } = await signUp(browser)
  await ledger.repeat('upload', 30, async () => {
    const body = randomBytes(1 + Math.floor(Math.random() * 300_000))
    const sent = await browser.send('/api/uploads', { method: 'POST', headers: { cookie }, body })
    const seen = expect(sent, 200)
    equal('the owner is', seen['owner'], id)
    equal('the body is', seen['sha256'], createHash('sha256').update(body).digest('hex'))
  })
  await browser.close()
}

/** What somebody wrote, as they know it. */
export interface Written {
  readonly browser: Browser
  readonly person: Person
  /** Titles of the todos that were answered 201. */
  readonly titles: Set<string>
}

/** Writes todos, each of which has to be there once in the end. */
export async function writer(written: Written, ledger: Ledger): Promise<void> {
  const { browser, person, titles } = written
  await ledger.repeat('POST', 25, async () => {
    const title = crypto.randomUUID()
    equal(
      'the title is',
      expect(await post(browser, '/api/todos', person.cookie, { title }), 201)['title'],
      title,
    )
    titles.add(title)
  })
}

/** Signs in, is known, signs out, and is not known any more; each time from another address. */
export async function visitor(place: Installation, ledger: Ledger): Promise<void> {
  const first = new Browser(place)
  const { email, id } = await signUp(first)
  await first.close()
  await ledger.repeat('sign-in and sign-out', 400, async () => {
    const browser = new Browser(place)
    try {
      const entered = await post(browser, '/api/auth/sign-in/email', null, { email, password })
      expect(entered, 200)
      const { cookie } = entered
      const me = expect(await browser.send('/api/me', { headers: { cookie } }), 200)
      equal('the id is', me['id'], id)
      expect(await post(browser, '/api/auth/sign-out', cookie, {}), 200)
      const after = await browser.send('/api/me', { headers: { cookie } })
      equal('the code is', after.headers['x-sallyport-code'], 'session_revoked')
    } finally {
      await browser.close()
    }
  })
}

/** A page that calls with access tokens, which it refreshes now and then. */
export async function bearer(place: Installation, ledger: Ledger): Promise<void> {
  const browser = new Browser(place)
  const { id, cookie } = await signUp(browser)
  await ledger.repeat('token and GET', 40, async () => {
    const token = expect(await post(browser, '/_gateway/token', cookie, {}), 200)
    const authorization = `Bearer ${String(token['access_token'])}`
    const me = expect(await browser.send('/api/me', { headers: { authorization } }), 200)
    equal('the id is', me['id'], id)
  })
  await browser.close()
}

/** Somebody whom nobody knows: is refused, each time, on a connection of its own. */
export async function stranger(place: Installation, ledger: Ledger): Promise<void> {
  await ledger.repeat('refusal', 60, async () => {
    const browser = new Browser(place)
    try {
      const answer = await browser.send('/api/me', {})
      expect(answer, 401)
      equal('the code is', answer.headers['x-sallyport-code'], 'credential_missing')
    } finally {
      await browser.close()
    }
  })
}
