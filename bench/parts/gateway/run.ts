import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/load.ts'
import { createGateway } from '../../../src/gateway.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { fillSessions } from './caught-cache.ts'
import { madeUpSource } from './made-up.ts'
import { gatewayYaml } from './yaml.ts'

// A real gateway on a real database, as `sallyport start` runs it, with the upstream that its parent names.
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
const file = join(folder, 'gateway.config.yaml')
writeFileSync(
  file,
  gatewayYaml({
    upstream: process.env['UPSTREAM'] ?? '',
    database: join(folder, 'auth.db'),
    routes: Number(process.env['ROUTES'] ?? 0),
  }),
)
const secrets = {
  BETTER_AUTH_SECRET: randomBytes(32).toString('base64url'),
  JWT_SECRET: randomBytes(32).toString('base64url'),
}
const { config } = loadConfig({ file, env: secrets })
const gateway = await createGateway(config, {
  logger: createLogger('warn'),
  wrapSource: madeUpSource,
})
const { url } = await gateway.listen()
process.send?.({ url, jwtSecret: secrets.JWT_SECRET })

process.on('message', (message: { readonly collect?: true; readonly sessions?: number }) => {
  void (async () => {
    if (message.sessions !== undefined) await fillSessions(message.sessions)
    // Twice: what the first finds dead may have kept something else alive.
    for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.()
    process.send?.({})
  })()
})
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
process.once('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
