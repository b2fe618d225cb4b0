import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..', '..', '..')

let built: Promise<string> | null = null

/** The browser kit as one module, built once per process. */
export function kit(): Promise<string> {
  return (built ??= bundle())
}

async function bundle(): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: join(root, 'src/client/index.ts'), formats: ['es'] },
    },
  })
  const [first] = [result].flat()
  if (first === undefined || !('output' in first))
    throw new Error('Vite watches instead of building')
  const [chunk] = first.output
  if (chunk.imports.length > 0) throw new Error('the kit is more than one file')
  return chunk.code
}

export const html =
  '<!doctype html><meta charset="utf-8"><title>The application</title><script type="module" src="/page.js"></script>'

/**
 * What an application would do with the kit. `window.kitOptions` are the options; what happens is in `seen`, and told to the test at once
 * by `told`, because a page that leaves takes its variables along.
 */
export const script = `
import { createGatewayClient } from '/kit.js'
const seen = window.seen = { events: [], failures: [], sessions: [], logins: [], streams: [] }
const note = (list, what) => { seen[list].push(what); window.told?.(list, what) }
addEventListener('unhandledrejection', (event) => note('failures', String(event.reason)))
addEventListener('error', (event) => note('failures', event.message))
const { callback, ...options } = window.kitOptions ?? {}
if (callback === true) options.login = (request) => note('logins', request)
const gw = window.gw = createGatewayClient({ ...options, onEvent: (event) => note('events', event) })
gw.session.subscribe((session) => note('sessions', session ?? null))

window.call = async (path, init) => {
  try {
    const answer = await gw.fetch(path, init)
    return { status: answer.status, code: answer.headers.get('x-sallyport-code'), body: await answer.text() }
  } catch (error) {
    return { status: 0, code: null, body: error.name + ': ' + error.message }
  }
}
window.burst = (count) => Promise.all(Array.from({ length: count }, (_, index) => call('/api/echo?n=' + index)))
// A page may start what outlives the call that started it.
window.start = (name, promise) => { window[name] = promise; promise.catch(() => undefined) }
const watch = (name, stream) => {
  const tell = (type, more = {}) => note('streams', { name, type, ...more })
  window[name] = stream
  stream.addEventListener('open', () => tell('open'))
  stream.addEventListener('error', () => tell('error', { state: stream.readyState }))
  stream.addEventListener('message', (event) => tell('message', { data: event.data, id: event.lastEventId }))
  stream.addEventListener('close', (event) => tell('close', { code: event.code, state: stream.readyState }))
  stream.addEventListener('end', (event) => tell('end', { code: event.detail.code, state: stream.readyState }))
  return undefined
}
window.feed = (url = '/api/feed', options) => watch('events', gw.eventSource(url, options))
window.socket = (url = '/api/ws', protocols) => watch('ws', gw.webSocket(url, protocols))
document.documentElement.dataset.ready = ''
`
