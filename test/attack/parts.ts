import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Result } from '../../src/attack/case.ts'
import { plan } from '../../src/attack/plan.ts'
import { runCases } from '../../src/attack/run.ts'
import { openStage } from '../../src/attack/stage/stage.ts'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import { secrets } from '../cli/run.ts'

/** Everything that the catalogue has a case for. */
export const everything = `
server: { listen: "127.0.0.1:0", publicUrl: "https://app.test" }
auth: { signUp: closed }
bearer:
  issuer: https://tokens.test
  audience: api
  apiKeys: true
  jwks: [{ url: "https://issuer.test/jwks", issuer: "https://issuer.test", audience: api, algorithms: [ES256] }]
identity: { headers: { X-User-Id: user.id, X-User-Email: user.email } }
upstreams: { api: "http://127.0.0.1:9" }
routes:
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 64KB }
  - { name: api, match: { path: /api/* }, upstream: api, bodyLimit: 64KB, cors: { origins: ["https://other.test"] } }
  - { name: read, match: { path: "/read/{id}", methods: [GET, OPTIONS] }, upstream: api }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional, bodyLimit: 64KB }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true, bodyLimit: 64KB }
`

export function configOf(t: Test, yaml: string): GatewayConfig {
  const file = join(t.testdir(), 'gateway.config.yaml')
  writeFileSync(file, yaml)
  return loadConfig({ file, env: secrets }).config
}

/** Fires all cases at a gateway of a configuration, or at what stands in its place. */
export async function attack(
  t: Test,
  config: GatewayConfig,
  behind?: Parameters<typeof openStage>[2],
): Promise<readonly Result[]> {
  const range = await openStage(config, systemClock, behind)
  t.teardown(() => range.close())
  const { cases } = plan(range.ground, { only: null, run: 'attack00' })
  return runCases(cases, range)
}

export function names(results: readonly Result[], verdict: Result['finding']['verdict']): string[] {
  return results.filter(({ finding }) => finding.verdict === verdict).map((each) => each.case.name)
}

/**
 * A proxy that hands everything on as it comes, in both directions.
 * @param toClient what it makes of each piece of an answer, besides
 */
export async function startNaive(
  upstream: number,
  toClient: (answer: string, asked: string) => string = (answer) => answer,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const behind = connect(upstream, '127.0.0.1')
    let asked = ''
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.setEncoding('latin1').on('error', () => undefined)
      socket.once('close', () => {
        client.destroy()
        behind.destroy()
      })
    }
    client.on('data', (piece: string) => {
      asked += piece
      behind.write(piece, 'latin1')
    })
    behind.on('data', (piece: string) => client.write(toClient(piece, asked), 'latin1'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Lets every other origin read, as a careless CORS rule does. */
export function reflect(answer: string, asked: string): string {
  const origin = /^Origin: (.*?)\r$/im.exec(asked)?.[1]
  if (origin === undefined) return answer
  return answer.replace(/\r\n/, `\r\nAccess-Control-Allow-Origin: ${origin}\r\n`)
}
