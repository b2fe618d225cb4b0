import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { closeOf } from '../gateway/websocket/backend.ts'
import { begin, connect, nextMessage, refusalOf, routes } from '../gateway/websocket/client.ts'
import { origin, signUp, startGateway } from '../helper/gateway.ts'
import { serveScript } from './script.ts'

/** What an application does with a WebSocket, one path each. It tells of how each connection ended at `/ends`. */
const application = `
import asyncio, sys, threading
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect, WebSocketException

app = FastAPI()
ends = []

@app.get("/open/ends")
def read_ends():
    return ends

@app.websocket("/live/me")
async def me(websocket: WebSocket):
    await websocket.accept(headers=[(b"set-cookie", b"room=7")])
    await websocket.send_json({"user": websocket.headers["x-user-id"], "url": str(websocket.url)})
    await websocket.close(4001, "that was all")

@app.websocket("/live/refused")
async def refused(websocket: WebSocket):
    await websocket.close(1008)

@app.websocket("/live/policy")
async def policy(websocket: WebSocket):
    raise WebSocketException(code=1008)

@app.websocket("/live/chat")
async def chat(websocket: WebSocket):
    await websocket.accept(subprotocol="chat.v2")
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                ends.append([message["code"], message.get("reason") or ""])
                return
            if message.get("text") is not None:
                await websocket.send_text(message["text"])
            else:
                await websocket.send_bytes(message["bytes"])
    except WebSocketDisconnect:
        pass

@app.websocket("/live/crash")
async def crash(websocket: WebSocket):
    await websocket.accept()
    raise RuntimeError("a bug")

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical", ws_ping_interval=0.2, ws_ping_timeout=0.2))
# Ends with whoever started it, however that ends.
def watch():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

t.test('an unchanged FastAPI accepts, refuses, chooses and closes as it does alone', async (t) => {
  const upstream = await serveScript(t, application)
  if (upstream === null) return
  const gateway = await startGateway(t, { upstream, routes })
  const { id, cookie } = await signUp(gateway)
  const headers = { cookie, origin }

  await t.test('who is calling, and where', async (t) => {
    const client = begin(t, gateway, '/live/me?q=%C3%BC', { headers })
    const [message, closed] = [nextMessage(client), closeOf(client)]
    t.strictSame(JSON.parse(await message), { user: id, url: 'ws://app.test/live/me?q=%C3%BC' })
    t.strictSame(await closed, { code: 4001, reason: 'that was all' })
  })

  await t.test('a refusal before accept is its 403', async (t) => {
    for (const path of ['/live/refused', '/live/policy', '/live/nothing-here']) {
      t.equal((await refusalOf(begin(t, gateway, path, { headers }))).status, 403, path)
    }
  })

  await t.test('subprotocol, text, binary, ping and close', async (t) => {
    const protocols = ['chat.v1', 'chat.v2']
    const client = await connect(t, gateway, '/live/chat', { headers, protocols })
    t.equal(client.protocol, 'chat.v2')
    for (const message of ['ä€😀', 'x'.repeat(200_000)]) {
      const echo = nextMessage(client)
      client.send(message)
      t.equal(await echo, message)
    }
    const binary = once(client, 'message')
    client.send(Buffer.from([0, 255, 128]))
    t.strictSame(await binary, [Buffer.from([0, 255, 128]), true])
    const pong = once(client, 'pong')
    client.ping('are you there')
    t.match(String(((await pong) as [Buffer])[0]), 'are you there')
    // uvicorn pings every 200 ms here, and would give up a client that does not answer.
    await delay(700)
    t.equal(client.readyState, client.OPEN)
    const closed = closeOf(client)
    client.close(4002, 'enough')
    t.strictSame(await closed, { code: 4002, reason: 'enough' })
    t.strictSame(await ends(1), [[4002, 'enough']])
  })

  await t.test('a client that vanishes looks as it does without a gateway', async (t) => {
    for (const url of [upstream, gateway.url]) {
      const there = { ...gateway, url }
      const client = await connect(t, there, '/live/chat', { headers, protocols: ['chat.v2'] })
      client.terminate()
    }
    const [, alone, behind] = await ends(3)
    t.strictSame(behind, alone)
  })

  await t.test('one that breaks the protocol has gone away', async (t) => {
    const client = await connect(t, gateway, '/live/chat', { headers, protocols: ['chat.v2'] })
    client.send(Buffer.alloc(1_100_000))
    t.equal((await closeOf(client)).code, 1009)
    t.match((await ends(4))[3], [1001])
  })

  await t.test('a subprotocol that nobody offered is no answer', async (t) => {
    const refused = await refusalOf(begin(t, gateway, '/live/chat', { headers }))
    t.match(refused, { status: 502, text: /"upstream_invalid"/ })
  })

  await t.test('a bug in it', async (t) => {
    const client = begin(t, gateway, '/live/crash', { headers })
    t.match(await closeOf(client), { code: 1011 })
  })

  async function ends(count: number): Promise<unknown[]> {
    for (let tries = 0; tries < 100; tries += 1) {
      const known = JSON.parse((await gateway.request('/open/ends')).text) as unknown[]
      if (known.length >= count) return known
      await delay(20)
    }
    throw new Error(`FastAPI knows of less than ${count} ends`)
  }
})
