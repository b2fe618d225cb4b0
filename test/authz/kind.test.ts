import t from 'tap'
import { absent, authenticated, type Outcome } from '../../src/authn/outcome.ts'
import { identify, type IdentifyDeps } from '../../src/authz/identify.ts'
import { judgeKind, kindOf } from '../../src/authz/kind.ts'
import type { CredentialKind, RouteAuth } from '../../src/config/types.ts'
import { readHead } from '../../src/head.ts'
import { asking, byCookie, byKey, byOwnToken, byToken, nowMs } from './principals.ts'

t.test('a kind is told by where the credential stood', async (t) => {
  t.equal(kindOf(byCookie()), 'session')
  t.equal(kindOf(byOwnToken()), 'bearer')
  t.equal(kindOf(byToken()), 'bearer')
  t.equal(kindOf(byKey()), 'apiKey')
})

t.test('a kind that is not accepted is refused, nobody is not', async (t) => {
  t.equal(judgeKind('bearer', null), null)
  t.equal(judgeKind(null, ['bearer']), null)
  t.equal(judgeKind('bearer', ['session', 'bearer']), null)
  t.match(judgeKind('bearer', ['session']), { code: 'token_not_accepted', tokenPresented: true })
  for (const kind of ['session', 'apiKey'] as const) {
    const refusal = judgeKind(kind, ['bearer'])
    t.match(refusal, { code: 'token_not_accepted' })
    t.notOk(refusal?.tokenPresented, 'no bearer token was presented')
  }
})

interface Readers {
  readonly deps: IdentifyDeps
  /** Which readers were asked. */
  readonly asked: string[]
}

function isSession(cookie: string): boolean {
  return cookie.includes('session_token=')
}

/** Readers that know everybody by every credential. */
function readers(): Readers {
  const asked: string[] = []
  const answer = (reader: string, outcome: Outcome): Outcome => {
    asked.push(reader)
    return outcome
  }
  const deps = {
    authn: {
      readBearer: () => answer('bearer', authenticated(byToken())),
      readCookie: (header: string | null) =>
        answer('cookie', isSession(header ?? '') ? authenticated(byCookie()) : absent),
      readApiKey: () => answer('apiKey', authenticated(byKey())),
    },
    hasSessionCookie: isSession,
    origins: new Set(['https://app.test']),
  } as unknown as IdentifyDeps
  return { deps, asked }
}

function route(mode: RouteAuth['mode'], accept: readonly CredentialKind[]): RouteAuth {
  return { mode, forwardAuthorization: false, ...asking({}, accept) }
}

const cookie = ['cookie', 'better-auth.session_token=x']
const bearer = ['authorization', 'Bearer x']

t.test('a credential that is not accepted is refused before anybody looks at it', async (t) => {
  const cases: readonly (readonly [readonly string[], CredentialKind, string])[] = [
    [cookie, 'bearer', 'token_not_accepted'],
    [bearer, 'session', 'token_not_accepted'],
    [[...bearer, ...cookie], 'session', 'token_not_accepted'],
    [['authorization', 'Basic x', ...cookie], 'session', 'token_not_accepted'],
    [['x-api-key', 'x', ...cookie], 'session', 'token_not_accepted'],
    [cookie, 'apiKey', 'token_not_accepted'],
  ]
  for (const [raw, accepted, expected] of cases) {
    for (const mode of ['required', 'optional'] as const) {
      const { deps, asked } = readers()
      const head = readHead('GET', '/x', raw)
      const result = identify(head, route(mode, [accepted]), { owner: null, nowMs }, deps)
      t.match(result, { code: expected }, raw.join(' '))
      t.strictSame(asked, [], 'nobody was asked')
    }
  }
})

t.test('what decides is accepted or not, whatever came along with it', async (t) => {
  const { deps, asked } = readers()
  const head = readHead('GET', '/x', [...bearer, ...cookie])
  const asking = { owner: null, nowMs }
  t.match(identify(head, route('required', ['bearer']), asking, deps), { kind: 'bearer' })
  t.strictSame(asked, ['bearer'])
})

t.test('cookies that are no session are no credential', async (t) => {
  const { deps } = readers()
  const head = readHead('GET', '/x', ['cookie', 'theme=dark'])
  const result = identify(head, route('required', ['bearer']), { owner: null, nowMs }, deps)
  t.match(result, { code: 'credential_missing' })
})

t.test('on none nobody is asked for anything', async (t) => {
  const { deps, asked } = readers()
  const head = readHead('GET', '/x', [...bearer, ...cookie])
  t.equal(identify(head, route('none', ['apiKey']), { owner: null, nowMs }, deps), null)
  t.strictSame(asked, [])
})

t.test('a page of another site learns nothing about who somebody is', async (t) => {
  const { deps } = readers()
  const auth: RouteAuth = {
    mode: 'required',
    forwardAuthorization: false,
    ...asking({ owner: 'user_id' }),
  }
  const handshake = ['upgrade', 'websocket', 'origin', 'https://evil.test', ...cookie]
  for (const owner of ['ada', 'bob']) {
    const head = readHead('GET', '/x', handshake)
    t.match(identify(head, auth, { owner, nowMs }, deps), { code: 'origin_rejected' }, owner)
  }
})
