import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { signCookie } from '../../helper/token.ts'
import { signPush } from '../../../src/session/push/format.ts'

// Whoever could push to a gateway could empty its memory at will, or keep it believing that it hears of every revocation.

const secret = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'
const cookie = `better-auth.session_token=${signCookie('a'.repeat(32))}`
const event = { kind: 'user-changed', userId: 'u1' }

interface Stage {
  readonly gateway: Running
  /** How often the remote was asked for the session since the last look; the gateway is asked once in between. */
  readonly asked: () => Promise<number>
}

async function start(t: Test, auth = `, pushSecret: "${secret}"`): Promise<Stage> {
  const upstream = await startBackend(t)
  const remote = await startBackend(t, (request, response) => {
    if (request.headers.cookie === undefined) return response.end('null')
    const user = { id: 'u1', email: 'a@example.com', emailVerified: true, name: 'A' }
    const createdAt = new Date().toISOString()
    const expiresAt = new Date(Date.now() + 6.5 * 86_400_000).toISOString()
    const session = { id: 's1', userId: 'u1', expiresAt, createdAt, updatedAt: createdAt }
    return response.end(JSON.stringify({ session, user }))
  })
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    auth: `mode: remote, url: "${remote.url}"${auth}`,
  })
  let before = 0
  const count = () => remote.seen.filter(({ headers }) => headers.cookie !== undefined).length
  const asked = async (): Promise<number> => {
    t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
    const since = count() - before
    before = count()
    return since
  }
  t.equal(await asked(), 1)
  t.equal(await asked(), 0, 'it is remembered')
  return { gateway, asked }
}

interface Push {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: string
}

let pushes = 0

function signed(more: Partial<Push> = {}, key = secret): Push {
  pushes += 1
  const head = {
    id: `push-${String(pushes).padStart(6, '0')}`,
    timestamp: String(Math.floor(Date.now() / 1000)),
    body: JSON.stringify({ sender: 'app-1', events: [event] }),
    ...more,
  }
  return { ...head, signature: more.signature ?? signPush(key, head, head.body) }
}

function send(gateway: Running, { id, timestamp, signature, body }: Push): Promise<Reply> {
  return gateway.request('/_gateway/revocations', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    },
    body,
  })
}

t.test('a push is taken once', async (t) => {
  const { gateway, asked } = await start(t)
  const push = signed()
  t.match(await send(gateway, push), { status: 204, text: '' })
  t.equal(await asked(), 1, 'what was remembered is asked about anew')
  const again = await send(gateway, push)
  t.match(again.json(), { status: 401, code: 'token_not_accepted' })
  t.equal(await asked(), 0)
  const both = await Promise.all(
    [signed()].flatMap((each) => [send(gateway, each), send(gateway, each)]),
  )
  t.strictSame(both.map(({ status }) => status).sort(), [204, 401], 'at once, too')
})

t.test('whatever is wrong with a push, the answer is the same, and nothing happens', async (t) => {
  const { gateway, asked } = await start(t)
  const now = Math.floor(Date.now() / 1000)
  const good = signed()
  const forgeries: Readonly<Record<string, Push>> = {
    'with another secret': signed({}, `${secret}x`),
    'without a signature': signed({ signature: '' }),
    'with a signature of another push': signed({ signature: good.signature }),
    'with another body': { ...good, body: good.body.replace('u1', 'u2') },
    'with another id': { ...good, id: 'push-another' },
    'with another time': { ...good, timestamp: String(now + 1) },
    'of a minute ago': signed({ timestamp: String(now - 60) }),
    'of a minute hence': signed({ timestamp: String(now + 60) }),
    'without a time': signed({ timestamp: '' }),
    'without an id': signed({ id: '' }),
  }
  const bodies: unknown[] = []
  for (const [what, push] of Object.entries(forgeries)) {
    const reply = await send(gateway, push)
    t.equal(reply.status, 401, what)
    bodies.push({ ...reply.json(), requestId: '' })
    t.equal(await asked(), 0, what)
  }
  t.strictSame(new Set(bodies.map((body) => JSON.stringify(body))).size, 1)
  t.equal((await send(gateway, good)).status, 204, 'the one that they were made from is still good')
})

t.test('a header that is sent twice is none', async (t) => {
  const { gateway } = await start(t)
  const { id, timestamp, signature, body } = signed()
  const reply = await gateway.request('/_gateway/revocations', {
    method: 'POST',
    headers: [
      'webhook-id',
      id,
      'webhook-timestamp',
      timestamp,
      'webhook-signature',
      signature,
      'webhook-id',
      'push-other-1',
    ],
    body,
  })
  t.equal(reply.status, 401)
})

t.test(
  'a body that is too large is not read, and one that cannot be read says nothing',
  async (t) => {
    const { gateway, asked } = await start(t)
    const large = await send(gateway, signed({ body: `"${'x'.repeat(65_536)}"` }))
    t.equal(large.json()['code'], 'body_too_large')
    const broken = await send(gateway, signed({ body: '{' }))
    t.equal(broken.json()['code'], 'request_malformed')
    t.equal(await asked(), 0)
  },
)

t.test('without a secret there is no such endpoint, nor are there other methods', async (t) => {
  const without = await start(t, '')
  t.equal((await send(without.gateway, signed())).json()['code'], 'route_not_found')
  const { gateway } = await start(t)
  t.equal((await gateway.request('/_gateway/revocations')).json()['code'], 'method_not_allowed')
})
