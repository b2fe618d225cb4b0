import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { build } from 'vite'
import { startFastApi, type RunningFastApi } from '../../fastapi/python.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { openDoor, type Door } from '../kit/site/door.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const web = join(root, 'deploy', 'demo', 'web')
const shippedFolder = '${WEB_DIR:-./deploy/demo/web/dist}'
const shippedApi = '- { name: api, match: { path: /api/* }, upstream: api }'

export interface Demo {
  readonly origin: string
  readonly door: Door
  readonly gateway: Running
  readonly fastApi: RunningFastApi
  /** From now on one request a minute, and person, is let through to the API. */
  readonly limit: () => void
}

/**
 * The demo as `npm start` puts it together, with a door in front: the page as it is built from its sources now, the routes of
 * `gateway.config.yaml`, a FastAPI of its own. Null where there is no Python for it: skipped aloud, or failed when `CI=true`.
 * @param ttl of the page's access tokens, as in YAML
 */
export async function startDemo(t: Test, ttl = '15m'): Promise<Demo | null> {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return null
  const door = await openDoor(t)
  const origin = `http://127.0.0.1:${String(door.port)}`
  const routes = await routesWith(await buildPage(t))
  const gateway = await startGateway(t, {
    publicUrl: origin,
    upstream: fastApi.url,
    yaml: `bearer: { ttl: ${ttl} }\nidentity: { token: { claims: { email: user.email, name: user.name } } }`,
    routes,
  })
  door.leadTo(gateway.url)
  const limited = shippedApi.replace(' }', ' }, rateLimit: { requests: 1, per: 1m, by: user }')
  return {
    origin,
    door,
    gateway,
    fastApi,
    limit: () => {
      gateway.reload({ routes: routes.replace(shippedApi, limited) })
    },
  }
}

/** Builds the page as `npm run build:web` does, into a folder of its own that goes with the test. */
async function buildPage(t: Test): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'sallyport-page-'))
  t.teardown(() => rm(outDir, { recursive: true, force: true }))
  await build({
    configFile: join(web, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  })
  return outDir
}

/** The routes that are shipped, with the page from this folder. */
async function routesWith(folder: string): Promise<string> {
  const yaml = await readFile(join(root, 'gateway.config.yaml'), 'utf8')
  const [, routes] = yaml.split('\nroutes:')
  if (!routes?.includes(shippedFolder) || !routes.includes(shippedApi)) {
    throw new Error('gateway.config.yaml has not the routes that the tests of the demo know')
  }
  return routes.replace(shippedFolder, folder)
}
