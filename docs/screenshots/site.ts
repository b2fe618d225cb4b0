import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { loadConfig } from '../../src/config/load.ts'
import { createGateway } from '../../src/gateway.ts'
import { freePort } from '../../test/helper/program.ts'

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 44" width="150" height="44">
<style>path { fill: none; stroke: #fff; stroke-width: 3.6; stroke-linecap: round; stroke-linejoin: round } .ink { fill: #b4430c; stroke: none }
@media (prefers-color-scheme: dark) { .ink { fill: #ff9d5c } path { stroke: #16201f } }</style>
<rect class="ink" width="44" height="44" rx="12"/><path d="M11 30 22 13l11 17M16 24h12"/>
<text class="ink" x="56" y="31" font-family="system-ui, sans-serif" font-weight="700" font-size="25">acme</text>
</svg>`

const module = (plugins: string): string => `import { twoFactor } from ${JSON.stringify(plugins)}
const send = () => Promise.resolve()
export default {
  emailAndPassword: { sendResetPassword: send },
  emailVerification: { sendVerificationEmail: send },
  plugins: [twoFactor({ otpOptions: { sendOTP: send } })],
}
`

const yaml = (port: number): string => `
server: { listen: "127.0.0.1:${port}", publicUrl: "http://127.0.0.1:${port}" }
admin: none
auth:
  database: ":memory:"
  module: ./auth.ts
  signUp: open
  signIn:
    social:
      github: { clientId: client, clientSecret: "\${SOCIAL}" }
      google: { clientId: client, clientSecret: "\${SOCIAL}" }
pages: { name: Acme Invoices, logo: ./logo.svg }
upstreams: { app: "http://127.0.0.1:9" }
routes: [{ name: app, match: { path: /* }, upstream: app, auth: none }]
`

/** A gateway with everything that its pages can offer, in front of nobody. Secrets are made up for as long as it runs. */
export async function startPages(): Promise<{
  readonly origin: string
  readonly close: () => Promise<void>
}> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pages-'))
  const port = await freePort()
  const plugins = pathToFileURL(new URL(import.meta.resolve('better-auth/plugins')).pathname).href
  writeFileSync(join(folder, 'auth.ts'), module(plugins))
  writeFileSync(join(folder, 'logo.svg'), logo)
  const file = join(folder, 'gateway.config.yaml')
  writeFileSync(file, yaml(port))
  const secret = (): string => crypto.randomUUID() + crypto.randomUUID()
  const env = { BETTER_AUTH_SECRET: secret(), JWT_SECRET: secret(), SOCIAL: 'secret' }
  const { config } = loadConfig({ file, env })
  const gateway = await createGateway(config, { logger: pino({ level: 'silent' }) })
  const { url } = await gateway.listen()
  return {
    origin: url,
    close: async () => {
      await gateway.close()
      rmSync(folder, { recursive: true })
    },
  }
}
