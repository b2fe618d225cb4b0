import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname } from 'node:path'

export interface AccountOptions {
  /** Where the gateway listens. */
  readonly url: string
  /** The origin that browsers use; it goes into `Host` and `Origin`. */
  readonly publicUrl: string
  readonly authPath: string
  /** Remembers the password between starts; readable by its owner only. */
  readonly stateFile: string
}

export interface DemoAccount {
  readonly email: string
  readonly password: string
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly cookies: readonly string[]
}

const email = 'demo@example.com'

/**
 * Makes sure that the demo account can sign in: the remembered password is tried, and where it does not work the account is
 * created. No session is left behind.
 * @returns the account, or in one sentence why there is none
 */
export async function ensureAccount(options: AccountOptions): Promise<DemoAccount | string> {
  const remembered = await readPassword(options.stateFile)
  if (remembered !== null) {
    const signedIn = await post(options, '/sign-in/email', { email, password: remembered })
    if (signedIn.status === 200) return leave(options, signedIn, remembered)
  }
  const password = remembered ?? randomBytes(12).toString('base64url')
  const created = await post(options, '/sign-up/email', { email, password, name: 'Demo' })
  if (created.status === 200) {
    await mkdir(dirname(options.stateFile), { recursive: true })
    await writeFile(options.stateFile, `${password}\n`, { mode: 0o600 })
    return leave(options, created, password)
  }
  return explain(created)
}

async function leave(
  options: AccountOptions,
  { cookies }: Answer,
  password: string,
): Promise<DemoAccount> {
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  if (cookie !== '') await post(options, '/sign-out', {}, cookie)
  return { email, password }
}

function explain({ status, body }: Answer): string {
  const { code, message } = parseObject(body)
  if (String(code).startsWith('USER_ALREADY_EXISTS')) {
    return `${email} exists with a password from an earlier start; sign up an account of your own`
  }
  return `${email} was not created: ${typeof message === 'string' ? message : `status ${status}`}`
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

async function readPassword(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim() === '' ? null : text.trim()
}

/** Not `fetch`, which sends the Host of the address that it dials. */
function post(
  { url, publicUrl, authPath }: AccountOptions,
  path: string,
  body: object,
  cookie?: string,
): Promise<Answer> {
  const payload = JSON.stringify(body)
  const headers = {
    host: new URL(publicUrl).host,
    origin: publicUrl,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
    ...(cookie === undefined ? {} : { cookie }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(new URL(authPath + path, url), { method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('error', reject)
      response.once('end', () => {
        const cookies = response.headers['set-cookie'] ?? []
        resolve({ status: response.statusCode ?? 0, body: text, cookies })
      })
    })
    sent.once('error', reject).end(payload)
  })
}
