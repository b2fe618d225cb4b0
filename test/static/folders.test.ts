import { join } from 'node:path'
import t from 'tap'
import type { GatewayConfig } from '../../src/config/types.ts'
import { judgeFolders, missingFolders } from '../../src/static/folders.ts'

function config(dir: string, more: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    server: { tls: null },
    auth: { database: { kind: 'sqlite', file: '/srv/data/auth.db' }, module: null },
    routes: [
      { name: 'api', serve: { kind: 'upstream' } },
      { name: 'app', serve: { kind: 'static', dir, fallback: 'index.html' } },
    ],
    ...more,
  } as unknown as GatewayConfig
}

t.test('a folder that holds the database or a key is refused', async (t) => {
  t.equal(
    judgeFolders(config('/srv')),
    'the folder of route "app" holds the file of auth.database: everybody could read it',
  )
  t.equal(judgeFolders(config('/srv/web')), null)
  t.equal(judgeFolders(config('/srv/dat')), null)
  const key = { tls: { keyFile: '/srv/web/tls.key' } } as unknown as GatewayConfig['server']
  t.match(judgeFolders(config('/srv/web', { server: key })), 'server.tls.key')
  const hidden = { database: { kind: 'sqlite', file: '/srv/web/.data/auth.db' }, module: null }
  const auth = hidden as unknown as GatewayConfig['auth']
  t.equal(judgeFolders(config('/srv/web', { auth })), null, 'names with a dot are not served')
})

t.test('a folder or a fallback that is not there is said', async (t) => {
  const folder = t.testdir({ full: { 'index.html': '' }, empty: {} })
  const missing = (name: string): readonly string[] => missingFolders(config(join(folder, name)))
  t.same(missing('full'), [])
  t.match(missing('empty'), [/^static route "app": there is no file .*empty\/index\.html$/])
  t.match(missing('gone'), [/^static route "app": there is no folder .*gone$/])
})
