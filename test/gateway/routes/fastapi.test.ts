import t from 'tap'
import { serveScript } from '../../fastapi/script.ts'
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

t.test('FastAPI below a prefix and with CORS of its own works as it does alone', async (t) => {
  const upstream = await serveScript(t, application)
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
