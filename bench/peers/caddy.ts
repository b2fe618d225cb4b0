import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import type { Lab } from '../system/lab.ts'
import { startProgram, type Running } from '../system/processes.ts'

export interface Caddy extends Running {
  readonly url: string
}

/** Starts Caddy with one site, without logs, certificates or an admin port. `site` is what its braces hold. */
export async function startCaddy(
  lab: Lab,
  { program, cpu, site }: { readonly program: string; readonly cpu: number; readonly site: string },
): Promise<Caddy> {
  const port = await findFreePort()
  const file = join(lab.folder, `Caddyfile-${port}`)
  writeFileSync(
    file,
    `{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://127.0.0.1:${port}, http://bench.test:${port} {
  bind 127.0.0.1
  ${site}
}
`,
  )
  const env = { HOME: lab.folder, XDG_DATA_HOME: lab.folder, XDG_CONFIG_HOME: lab.folder }
  const args = ['run', '--config', file, '--adapter', 'caddyfile']
  const running = await startProgram(program, args, port, { cpu, env })
  return lab.keep({ ...running, url: `http://127.0.0.1:${port}` })
}
