import { pino } from 'pino'
import t from 'tap'
import { openTracer } from '../../../src/ops/trace/open.ts'
import { startCollector } from '../../gateway/traces/collector.ts'
import { spanId, traceId, traceparent } from '../../gateway/traces/stage.ts'
import { origin, startGateway } from '../../helper/gateway.ts'
import { serveScript } from '../script.ts'

/** Says which trace it would go on with. */
const application = `
import sys, threading
import uvicorn
from fastapi import FastAPI, Request

app = FastAPI()

@app.get("/open/trace")
def trace(request: Request):
    return {"traceparent": request.headers.getlist("traceparent"), "tracestate": request.headers.getlist("tracestate")}

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical"))
def watch():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

t.test('FastAPI goes on with the trace of its caller, below the gateway’s span', async (t) => {
  const upstream = await serveScript(t, application)
  if (upstream === null) return
  const collector = await startCollector(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '1' }
  const options = { logger: pino({ level: 'silent' }), version: '0', publicUrl: origin }
  const tracer = await openTracer(env, options)
  if (tracer === null) throw new Error('traces are off')
  const gateway = await startGateway(t, { upstream, tracer })
  const headers = { traceparent: traceparent(), tracestate: 'vendor=1' }
  const reply = await gateway.request('/open/trace', { headers })
  const [server, client] = await collector.until(2)
  t.match(server, { traceId, parentId: spanId })
  t.match(client, { traceId, parentId: server?.spanId })
  t.strictSame(reply.json(), {
    traceparent: [`00-${traceId}-${String(client?.spanId)}-01`],
    tracestate: ['vendor=1'],
  })
})
