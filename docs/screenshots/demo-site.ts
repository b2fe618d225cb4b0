import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startFastApi } from '../../deploy/demo/launch/fastapi.ts'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import { preparePython } from '../../deploy/demo/launch/venv.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createGateway } from '../../src/gateway.ts'

export interface DemoSite {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** The demo as `npm start` puts it together, with `gateway.config.yaml` as it is; what people leave in it goes with it. */
export async function startDemo(): Promise<DemoSite> {
  const found = await preparePython()
  if (found.kind === 'missing') throw new Error(found.reason)
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'))
  const [port, adminPort, fastApiPort] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ]
  const origin = `http://localhost:${port}`
  const jwtSecret = randomUUID() + randomUUID()
  const fastApi = await startFastApi({
    python: found.python,
    port: fastApiPort,
    jwtSecret,
    database: join(folder, 'todos.db'),
  })
  const { config } = loadConfig({
    file: join(import.meta.dirname, '..', '..', 'gateway.config.yaml'),
    env: {
      BETTER_AUTH_SECRET: randomUUID() + randomUUID(),
      JWT_SECRET: jwtSecret,
      DATABASE_URL: ':memory:',
      BEARER_TTL: '2m',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      PUBLIC_URL: origin,
      FASTAPI_URL: fastApi.url,
    },
  })
  const gateway = await createGateway(config, { logger: pino({ level: 'silent' }) })
  await gateway.listen()
  return {
    origin,
    close: async () => {
      await gateway.close()
      await fastApi.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
