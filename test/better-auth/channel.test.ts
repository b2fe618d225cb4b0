import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createSender, type Sender } from '../../src/better-auth/sender.ts'
import { verifyPush } from '../../src/session/push/format.ts'
import type { RevocationEvent } from '../../src/session/revocation/event.ts'

const secret = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'

interface Push {
  readonly sender: string
  readonly events: readonly { readonly kind: string; readonly userId?: string }[]
}

interface Stage {
  readonly sender: Sender
  /** Pushes that were taken, oldest first, without those that only show that somebody is there. */
  readonly taken: Push[]
  readonly beats: () => number
  /** What the gateway answers; null: it takes what it gets. */
  readonly gateway: { answer: ((response: ServerResponse) => void) | null }
  readonly log: string[]
}

/** A sender and what stands for a gateway. */
async function start(t: Test): Promise<Stage> {
  const taken: Push[] = []
  const gateway: Stage['gateway'] = { answer: null }
  let beats = 0
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (gateway.answer !== null) {
        gateway.answer(response)
        return
      }
      const body = Buffer.concat(chunks)
      const of = (name: string): string => String(request.headers[name])
      const head = {
        id: of('webhook-id'),
        timestamp: of('webhook-timestamp'),
        signature: of('webhook-signature'),
      }
      t.ok(verifyPush(secret, head, body))
      const push = JSON.parse(body.toString()) as Push
      if (push.events[0]?.kind === 'heartbeat') beats += 1
      else taken.push(push)
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const log: string[] = []
  const sender = createSender(
    {
      gateways: [`http://127.0.0.1:${port}`],
      secret,
      log: (level, message) => log.push(`${level}: ${message}`),
    },
    (stop) => {
      t.teardown(stop)
    },
  )
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { sender, taken, beats: () => beats, gateway, log }
}

const changed = (userId: string): RevocationEvent => ({ kind: 'user-changed', userId })

function usersIn(taken: readonly Push[]): readonly (string | undefined)[] {
  return taken.flatMap(({ events }) => events.map(({ userId }) => userId))
}

t.test('what is said is taken when it is flushed, in its order', async (t) => {
  const { sender, taken } = await start(t)
  for (const user of ['a', 'b', 'c']) sender.say(changed(user))
  await sender.flushed(1000)
  t.strictSame(usersIn(taken), ['a', 'b', 'c'])
  t.equal(new Set(taken.map((push) => push.sender)).size, 1)
  for (let count = 0; count < 250; count += 1) sender.say(changed(String(count)))
  await sender.flushed(1000)
  t.equal(usersIn(taken).length, 253)
  t.ok(taken.length < 10, 'many at a time')
})

t.test('it shows that it is there four times a second', async (t) => {
  const { beats } = await start(t)
  const before = performance.now()
  while (beats() < 5) await sleep(10)
  const took = performance.now() - before
  t.ok(took > 900 && took < 2500, `${took} ms for five`)
})

t.test('what a gateway does not take is brought until it does, and only once said', async (t) => {
  const { sender, taken, gateway, log } = await start(t)
  gateway.answer = (response) => response.writeHead(503).end()
  sender.say(changed('a'))
  await sender.flushed(1000)
  sender.say(changed('b'))
  gateway.answer = null
  while (usersIn(taken).length < 2) await sleep(10)
  t.strictSame(usersIn(taken), ['a', 'b'])
  await sleep(300)
  t.strictSame(usersIn(taken), ['a', 'b'], 'not again')
  t.match(log, [/^warn: .+status 503/, /^info: .+ takes revocations$/])
})

t.test('nobody waits for a gateway that takes nothing', async (t) => {
  const { sender, gateway } = await start(t)
  gateway.answer = () => undefined
  sender.say(changed('a'))
  const first = performance.now()
  await sender.flushed(300)
  t.ok(performance.now() - first < 600, 'the first one not for long')
  while (performance.now() - first < 1300) await sleep(50)
  const second = performance.now()
  sender.say(changed('b'))
  await sender.flushed(1000)
  t.ok(performance.now() - second < 100, 'later ones not at all')
})

t.test('what cannot be remembered becomes one word: everything', async (t) => {
  const { sender, taken, gateway } = await start(t)
  gateway.answer = (response) => response.writeHead(503).end()
  for (let count = 0; count < 5000; count += 1) sender.say(changed(String(count)))
  gateway.answer = null
  while (taken.length === 0) await sleep(10)
  await sender.flushed(1000)
  const kinds = taken.flatMap(({ events }) => events.map(({ kind }) => kind))
  t.ok(kinds.includes('everything-changed'))
  t.ok(kinds.length < 1500, `${kinds.length} instead of 5000`)
})

t.test('what a gateway says about a refusal is said with what to do about it', async (t) => {
  for (const [code, hint] of [
    ['host_unknown', /server\.hosts/],
    ['token_not_accepted', /auth\.pushSecret/],
    ['route_not_found', /auth\.pushSecret is not set/],
  ] as const) {
    const { sender, gateway, log } = await start(t)
    gateway.answer = (response) => response.writeHead(400).end(JSON.stringify({ code }))
    sender.say(changed('a'))
    await sender.flushed(1000)
    t.match(log, [hint])
  }
})

t.test('without gateways there is nothing to wait for', async (t) => {
  const sender = createSender({ gateways: [], secret, log: () => undefined })
  sender.say(changed('a'))
  await sender.flushed(1000)
  t.pass()
})
