import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { findFreePort } from '../../../deploy/demo/launch/ports.ts'
import { preparePython } from '../../../deploy/demo/launch/venv.ts'
import { startFastApi } from '../../fastapi/python.ts'
import { startGateway } from '../../helper/gateway.ts'

/** An application that lives below /reports and has CORS of its own. */
const application = `
import sys, threading
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://partner.test"], allow_methods=["PUT"], expose_headers=["X-Total"])

@app.get("/items/")
def read_items(request: Request):
    return {"url": str(request.url), "root": request.scope["root_path"]}

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical", root_path="/reports"))
# Ends with whoever started it, however that ends.
def watch():
    sys.stdin.read()
    server.should_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

/** The URL of the application above under uvicorn, or null where there is no Python for it. */
async function startReports(t: Test): Promise<string | null> {
  const found = await preparePython()
  if (found.kind === 'missing') {
    // Says why, or fails where it has to be there.
    await startFastApi(t)
    return null
  }
  const port = await findFreePort()
  const child = spawn(found.python, ['-c', application, String(port)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  t.teardown(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 300; tries += 1) {
    const isUp = await fetch(`${url}/items/`).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return url
    await delay(50)
  }
  throw new Error('FastAPI did not start')
}

t.test('FastAPI below a prefix and with CORS of its own works as it does alone', async (t) => {
  const upstream = await startReports(t)
  if (upstream === null) return
  const gateway = await startGateway(t, {
    upstream,
    routes: `
  - name: reports
    match: { path: /reports/* }
    upstream: api
    auth: none
    rewrite: { stripPrefix: /reports }
  - name: strict
    match: { path: /strict/* }
    upstream: api
    auth: none
    cors: { origins: ["https://other.test"] }
    rewrite: { stripPrefix: /strict }`,
  })
  const items = await gateway.request('/reports/items/')
  t.match(items.json(), { url: 'http://app.test/reports/items/', root: '/reports' })
  const slash = await gateway.request('/reports/items')
  t.match(slash, { status: 307, headers: { location: 'http://app.test/reports/items/' } })
  const docs = await gateway.request('/reports/docs')
  t.match(docs.text, '/reports/openapi.json')
  t.equal((await gateway.request('/reports/openapi.json')).status, 200)

  const origin = 'https://partner.test'
  const asks = { origin, 'access-control-request-method': 'PUT' }
  const preflight = await gateway.request('/reports/items/', { method: 'OPTIONS', headers: asks })
  t.match(preflight, {
    status: 200,
    text: 'OK',
    headers: { 'access-control-allow-origin': origin },
  })
  const read = await gateway.request('/reports/items/', { headers: { origin } })
  t.match(read.headers, {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'X-Total',
  })
  const replaced = await gateway.request('/strict/items/', { headers: { origin } })
  t.equal(replaced.status, 200)
  t.notMatch(Object.keys(replaced.headers).join(), 'access-control')
})
