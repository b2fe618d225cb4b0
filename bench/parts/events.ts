import { createServer } from 'node:http'
import { serve } from './ready.ts'

// An event stream whose events say when they were sent, on the clock that all processes of a machine share; and one that
// ends after its first event.
const everyMs = 5

const now = (): string => `data: ${process.hrtime.bigint()}\n\n`

serve(
  createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.flushHeaders()
    if (request.url?.endsWith('/first') === true) {
      response.end(now())
      return
    }
    const timer = setInterval(() => {
      response.write(now())
    }, everyMs)
    response.on('close', () => {
      clearInterval(timer)
    })
  }),
)
