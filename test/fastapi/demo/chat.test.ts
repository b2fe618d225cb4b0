import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { goodClaims, mint } from '../../helper/token.ts'
import { startFastApi } from '../python.ts'

// The chat of the demo application on its own, without a gateway.

interface Frame {
  readonly type: string
  readonly [key: string]: unknown
}

interface Member {
  readonly socket: WebSocket
  /** Waits for the next frame of this type; those before it are passed over. */
  readonly next: (type: string) => Promise<Frame>
  readonly say: (text: string) => void
}

const app = await startFastApi(t)
if (app !== null) testChat(`${app.url.replace('http', 'ws')}/api/chat`)

function enter(t: Test, url: string, claims: Readonly<Record<string, unknown>>): Member {
  const authorization = `Bearer ${mint(goodClaims(claims))}`
  const socket = new WebSocket(url, { headers: { authorization } })
  t.teardown(() => {
    socket.terminate()
  })
  const frames: Frame[] = []
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame))
  const next = async (type: string): Promise<Frame> => {
    for (;;) {
      const frame = frames.shift()
      if (frame?.type === type) return frame
      if (frame === undefined) await once(socket, 'message')
    }
  }
  return {
    socket,
    next,
    say: (text) => {
      socket.send(JSON.stringify({ text }))
    },
  }
}

function testChat(url: string): void {
  const ada = { id: 'ada', name: 'Ada', email: 'ada@example.com' }
  const adaClaims = { sub: 'ada', name: 'Ada', email: 'ada@example.com' }

  t.test('who says something is told by the token, whatever the message claims', async (t) => {
    const grace = enter(t, url, { sub: 'grace', name: 'Grace', email: null })
    t.match(await grace.next('hello'), { you: { id: 'grace', name: 'Grace', email: null } })
    const speaker = enter(t, url, adaClaims)
    t.match(await speaker.next('people'), { people: [{ id: 'grace' }, ada] })
    const forged = { text: 'hello', from: { id: 'grace', name: 'Grace' }, id: 7 }
    speaker.socket.send(JSON.stringify(forged))
    const { message } = await grace.next('message')
    t.match(message, { from: ada, text: 'hello', at: /^\d{4}-\d\d-\d\dT/ })
    t.match(await speaker.next('message'), { message: { from: ada } }, 'and to whoever said it')
    speaker.socket.close()
    t.strictSame((await grace.next('people'))['people'], [
      { id: 'grace', name: 'Grace', email: null },
    ])
  })

  t.test('whoever comes later hears the last fifty', async (t) => {
    const speaker = enter(t, url, adaClaims)
    await speaker.next('hello')
    for (let number = 1; number <= 60; number += 1) speaker.say(`number ${String(number)}`)
    const told = async (): Promise<unknown> => {
      const { message } = await speaker.next('message')
      return (message as { readonly text: string }).text
    }
    while ((await told()) !== 'number 60');
    const { history } = await enter(t, url, { sub: 'late' }).next('hello')
    const texts = (history as readonly { readonly text: string }[]).map(({ text }) => text)
    t.equal(texts.length, 50)
    t.equal(texts[0], 'number 11')
  })

  t.test('what is no message is refused, and the connection stays', async (t) => {
    const speaker = enter(t, url, adaClaims)
    await speaker.next('hello')
    const wrong = ['', '{', '[]', '7', 'null', '{"text":"   "}', '['.repeat(9000)]
    for (const raw of [...wrong, JSON.stringify({ text: 'x'.repeat(501) })]) {
      speaker.socket.send(raw)
      t.match(await speaker.next('refused'), { detail: /1 to 500 characters/ }, raw.slice(0, 20))
    }
    speaker.say('still here')
    t.match(await speaker.next('message'), { message: { text: 'still here' } })
    speaker.socket.send(Buffer.from([0]))
    const [code] = (await once(speaker.socket, 'close')) as [number]
    t.equal(code, 1003, 'what is no text ends it')
  })

  t.test('nobody gets in without a token that counts', async (t) => {
    for (const authorization of ['', 'Bearer nonsense']) {
      const socket = new WebSocket(url, { headers: { authorization } })
      socket.on('error', () => undefined)
      const [, response] = (await once(socket, 'unexpected-response')) as [
        unknown,
        { readonly statusCode: number },
      ]
      t.equal(response.statusCode, 403)
      socket.terminate()
    }
  })
}
