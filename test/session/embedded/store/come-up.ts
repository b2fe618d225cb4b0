import { loadConfig } from '../../../../src/config/load.ts'
import { createGateway } from '../../../../src/gateway.ts'
import { createLogger } from '../../../../src/ops/log.ts'
import { authSecret, jwtSecret } from '../../../helper/token.ts'

// A process of its own: starts a gateway from the file it is given as soon as it is told to, and says how that went.
const [file = ''] = process.argv.slice(2)
const { config } = loadConfig({
  file,
  env: { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret },
})
process.stdout.write('ready\n')
process.stdin.once('data', () => {
  void comeUp()
})

async function comeUp(): Promise<void> {
  const gateway = await createGateway(config, { logger: createLogger('error'), dev: true })
  const { url } = await gateway.listen()
  const { status } = await fetch(`${url}/_gateway/session`)
  process.stdout.write(`up ${status}\n`)
  await gateway.close()
  process.stdin.destroy()
}
