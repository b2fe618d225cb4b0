import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { signUp, startGateway } from '../../../helper/gateway.ts'
import { startSocketBackend } from '../backend.ts'
import { routes } from '../client.ts'

/** What a page sees of a connection that it opens: runs in the browser. */
function open(path: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    const seen: unknown[] = []
    const socket = new WebSocket(path, ['chat.v1', 'chat.v2'])
    socket.onopen = () => {
      seen.push(`open ${socket.protocol}`)
      if (path.startsWith('/open/')) socket.send('hello')
    }
    socket.onmessage = ({ data }) => {
      seen.push(data)
    }
    socket.onclose = ({ code, reason }) => {
      resolve([...seen, code, reason])
    }
  })
}

t.test('a page reads why it may not come in, and why it has to go', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const backend = await startSocketBackend(t, {
    serve: (socket, { url }) => {
      socket.on('message', (data) => {
        socket.send((data as Buffer).toString())
        if (url === '/open/once') socket.close(4000, 'that was all')
      })
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes, dev: true })
  const page = await browser.newPage()
  await page.goto(`${gateway.url}/open/page`)
  t.strictSame(await page.evaluate(open, '/open/once'), [
    'open chat.v1',
    'hello',
    4000,
    'that was all',
  ])
  t.strictSame(await page.evaluate(open, '/live/x'), ['open chat.v1', 3000, 'credential_missing'])

  // To a gateway that is called otherwise in public, this page is another site.
  const { cookie } = await signUp(gateway)
  const [name = '', value = ''] = cookie.split('=')
  await page.context().addCookies([{ name, value, url: gateway.url }])
  t.strictSame(await page.evaluate(open, '/live/x'), ['open chat.v1', 3003, 'origin_rejected'])

  const staying = page.evaluate(open, '/open/stay')
  const { socket } = await backend.arrival().then(() => backend.arrival())
  await new Promise((resolve) => socket.once('message', resolve))
  await gateway.gateway.close()
  t.strictSame((await staying).slice(-2), [1001, 'shutting_down'])
})
