import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { tell } from '../hostile/wire.ts'

const routes = `
  - { name: main, match: { path: /open/* }, upstream: api, auth: none }
  - { name: shop, match: { path: /open/*, host: shop.test }, upstream: shop, auth: none }
  - { name: only, match: { path: /only/*, host: "shop.test:8443" }, upstream: shop, auth: none }`

t.test(
  'every name of the gateway is answered, and a route that names one is its own',
  async (t) => {
    const api = await startBackend(t, (_request, response) => response.end('from api'))
    const shop = await startBackend(t, (_request, response) => response.end('from shop'))
    const upstream = `  api: "${api.url}"\n  shop: "${shop.url}"`
    const server = 'hosts: [internal.test, "10.0.0.7:8080"]'
    const gateway = await startGateway(t, { upstream, routes, server })
    const ask = async (hosts: readonly string[], path = '/open/x'): Promise<string> => {
      const lines = hosts.map((name) => `Host: ${name}\r\n`).join('')
      const text = await tell(
        t,
        gateway.url,
        `GET ${path} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`,
      )
      return /from \w+/.exec(text)?.[0] ?? /"code":"(\w+)"/.exec(text)?.[1] ?? text
    }
    const cases: readonly (readonly [string, readonly string[], string])[] = [
      ['from api', ['app.test'], '/open/x'],
      ['from api', ['APP.test'], '/open/x'],
      ['from api', ['internal.test'], '/open/x'],
      ['from api', ['10.0.0.7:8080'], '/open/x'],
      ['from shop', ['shop.test'], '/open/x'],
      ['from shop', ['Shop.Test'], '/open/x'],
      ['from shop', ['shop.test:8443'], '/only/x'],
      ['route_not_found', ['shop.test'], '/only/x'],
      ['route_not_found', ['app.test'], '/only/x'],
      ['host_unknown', ['10.0.0.7'], '/open/x'],
      ['host_unknown', ['10.0.0.7:80'], '/open/x'],
      ['host_unknown', ['evil.test'], '/open/x'],
      ['host_unknown', ['app.test.evil.test'], '/open/x'],
      ['host_unknown', ['app.test:8080'], '/open/x'],
      ['host_unknown', ['user@app.test'], '/open/x'],
      ['host_unknown', [''], '/open/x'],
      ['host_unknown', [], '/open/x'],
    ]
    for (const [expected, hosts, path] of cases) {
      t.equal(await ask(hosts, path), expected, `${hosts.join()} ${path}`)
    }
    t.match(await ask(['app.test', 'shop.test']), /host_unknown|request_malformed/, 'never two')
    t.match(
      await ask(['app.test', 'app.test']),
      /host_unknown|request_malformed/,
      'not even the same',
    )
  },
)
