import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { loadConfig } from '../src/config/load.ts'
import { createGateway } from '../src/gateway.ts'
import { createLogger } from '../src/ops/log.ts'

// A real gateway on a real database, as `sallyport start` runs it, with the upstream that its parent names.
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
const file = join(folder, 'gateway.config.yaml')
writeFileSync(
  file,
  `version: 1
server:
  listen: 127.0.0.1:0
  publicUrl: http://bench.test
  trustedProxies: [127.0.0.1]
admin: none
auth: { database: "sqlite:${join(folder, 'auth.db')}" }
upstreams: { api: "${process.env['UPSTREAM'] ?? ''}" }
routes:
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: api, match: { path: /api/* }, upstream: api }
`,
)
const secrets = {
  BETTER_AUTH_SECRET: randomBytes(32).toString('base64url'),
  JWT_SECRET: randomBytes(32).toString('base64url'),
}
const { config } = loadConfig({ file, env: secrets })
const gateway = await createGateway(config, { logger: createLogger('warn') })
const { url } = await gateway.listen()
process.send?.({ url, jwtSecret: secrets.JWT_SECRET })
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
