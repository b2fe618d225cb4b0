import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { bodyOf, open } from '../gateway/sse/fastapi.ts'
import { origin, signUp, startGateway, type Running } from '../helper/gateway.ts'
import { serveScript } from './script.ts'

/** Streams of each kind that FastAPI offers. `/open/ended` tells whose generators have been ended. */
const application = `
import asyncio, sys, threading
from typing import Optional
import uvicorn
from fastapi import FastAPI, Header
from fastapi.responses import StreamingResponse

app = FastAPI()
ended = []

async def ticking(name, first=1):
    try:
        while True:
            yield f"id: {first}\\ndata: {name}\\n\\n"
            first += 1
            await asyncio.sleep(0.02)
    finally:
        ended.append(name)

async def silent(name):
    try:
        yield f"data: {name}\\n\\n"
        await asyncio.Event().wait()
    finally:
        ended.append(name)

def stream(events):
    return StreamingResponse(events, media_type="text/event-stream")

@app.get("/api/ticking/{name}")
async def read_ticking(name: str, last_event_id: Optional[int] = Header(0)):
    return stream(ticking(name, last_event_id + 1))

@app.get("/api/silent/{name}")
async def read_silent(name: str):
    return stream(silent(name))

@app.get("/open/ended")
def read_ended():
    return ended

try:
    from fastapi.sse import EventSourceResponse

    @app.post("/api/native/{name}", response_class=EventSourceResponse)
    async def post_native(name: str, items: list[str]):
        try:
            for item in items:
                yield {"item": item}
            await asyncio.Event().wait()
        finally:
            ended.append(name)
except ImportError:
    pass

def end_with_parent():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical"))
threading.Thread(target=end_with_parent, daemon=True).start()
server.run()
`

/** A gateway in front of the application above, or null where there is no Python for it. */
async function start(t: Test): Promise<Running | null> {
  const upstream = await serveScript(t, application)
  return upstream === null ? null : startGateway(t, { upstream })
}

/** How long it takes until the generator of that name has been ended, milliseconds. */
async function endOf(gateway: Running, name: string): Promise<number> {
  const before = performance.now()
  while (!(await gateway.request('/open/ended')).text.includes(`"${name}"`)) await delay(10)
  return performance.now() - before
}

t.test('streams of an unchanged FastAPI flow, and end when their reader does', async (t) => {
  const gateway = await start(t)
  if (gateway === null) return
  const { cookie } = await signUp(gateway)
  const lines = [`Cookie: ${cookie}`]

  await t.test('events come as they are made, from where the page left off', async (t) => {
    const wire = await open(t, gateway.url, '/api/ticking/a', [...lines, 'Last-Event-ID: 41'])
    await wire.until(/id: 44\n/)
    t.match(bodyOf(wire.text()), /^id: 42\ndata: a\n\nid: 43\ndata: a\n\nid: 44\n/)
  })

  await t.test('a page that leaves ends the generator, talking or silent', async (t) => {
    for (const name of ['ticking', 'silent']) {
      const wire = await open(t, gateway.url, `/api/${name}/left-${name}`, lines)
      await wire.until(/data: /)
      wire.socket.destroy()
      const took = await endOf(gateway, `left-${name}`)
      t.ok(took < 1000, `${name}: after ${Math.round(took)} ms`)
    }
  })

  await t.test('so does the end of the session, and the page is told', async (t) => {
    const other = await signUp(gateway, 'bob@example.com')
    const wires = await Promise.all(
      ['ticking', 'silent'].map((name) =>
        open(t, gateway.url, `/api/${name}/out-${name}`, [`Cookie: ${other.cookie}`]),
      ),
    )
    for (const wire of wires) await wire.until(/data: /)
    const headers = { cookie: other.cookie, origin, 'content-type': 'application/json' }
    await gateway.request('/api/auth/sign-out', { method: 'POST', headers, body: '{}' })
    for (const [index, name] of ['ticking', 'silent'].entries()) {
      const text = await wires[index]!.until(/\r\n0\r\n\r\n$/)
      t.match(bodyOf(text), /\n\nevent: sallyport\ndata: \{.*"code":"session_revoked".*\}\n\n$/)
      t.ok((await endOf(gateway, `out-${name}`)) < 1000)
    }
  })

  await t.test('a stream that answers a POST is a stream', async (t) => {
    const wire = await open(t, gateway.url, '/open/nothing')
    wire.send(
      `POST /api/native/posted HTTP/1.1\r\nHost: app.test\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n["a","b"]`,
    )
    const text = await wire.until(/"item":\s?"b"|HTTP\/1\.1 404 [^]*HTTP\/1\.1 40/)
    if (/"b"/.test(text)) {
      t.match(text, /content-type: text\/event-stream[^]*data: \{"item":\s?"a"\}/i)
      wire.socket.destroy()
      t.ok((await endOf(gateway, 'posted')) < 1000)
    } else t.comment('this FastAPI has no event streams of its own')
  })
})
